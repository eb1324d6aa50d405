/** One configuration in two places: the tool that it is from, and the router that took it over. What reached the scripted provider is compared. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Note } from "../../../src/cli/export/exporter.ts";
import type { Finding } from "../../../src/cli/import/report.ts";
import { sandbox, type Sandbox, untilPrinted } from "../../support/cli.ts";
import {
  type RecordedRequest,
  type Script,
  type ScriptedProvider,
  startProvider,
} from "../../support/provider/server.ts";

/** What a request was when it reached a provider, of what a configuration decides. */
export interface Arrival {
  /** The first part of the address: each provider of a configuration has one of its own. */
  provider: string;
  /** What follows it; of Google's form without the model. */
  path: string;
  model: string;
  /** In whichever header it came. */
  key: string;
  /** The most tokens of the answer. */
  most: unknown;
}

const bare = (header: string | string[] | undefined): string => String(header ?? "").replace(/^Bearer /i, "");

const keyOf = ({ headers, url }: RecordedRequest): string =>
  [
    bare(headers["authorization"]),
    bare(headers["x-api-key"]),
    bare(headers["x-goog-api-key"]),
    new URL(url, "http://provider").searchParams.get("key") ?? "",
  ].find((key) => key !== "") ?? "";

/** @param request as the scripted provider recorded it, at `http://127.0.0.1:PORT/PROVIDER/…` */
export const arrivalOf = (request: RecordedRequest): Arrival => {
  const { body } = request;
  const [, provider = "", ...rest] = new URL(request.url, "http://provider").pathname.split("/");
  const google = /^(.*\/models)\/(.+):\w+$/.exec(rest.join("/"));
  // Google takes names of fields in both ways of writing.
  const limits = body["generationConfig"] as Record<string, unknown> | undefined;
  return {
    provider,
    path: google?.[1] ?? rest.join("/"),
    model: google?.[2] ?? body.model ?? "",
    key: keyOf(request),
    most:
      body["max_tokens"] ??
      body["max_completion_tokens"] ??
      limits?.["maxOutputTokens"] ??
      limits?.["max_output_tokens"],
  };
};

/** A server that takes `POST /v1/messages`. */
export interface Asked {
  url: string;
  /** What its clients send. */
  key: string;
  close(): Promise<void>;
}

/** What a client sends, over a small valid request. */
export type Question = Record<string, unknown>;

/**
 * Asks, and waits for the whole answer.
 * @returns everything that reached a provider meanwhile, in its order
 */
export const arrivals = async (
  { url, key }: Asked,
  provider: ScriptedProvider,
  question: Question,
): Promise<Arrival[]> => {
  const before = provider.requests.length;
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      // Some servers close a connection after an error without saying so.
      connection: "close",
      authorization: `Bearer ${key}`,
    },
    body: JSON.stringify({
      model: "claude-sonnet-4-5",
      max_tokens: 4000,
      stream: true,
      messages: [{ role: "user", content: "say hi" }],
      ...question,
    }),
  });
  await response.text();
  return provider.requests.slice(before).map(arrivalOf);
};

/** Answers everything but what goes to a provider called `broken`, or called with a model of that name. */
const script: Script = ({ url, raw }) =>
  url.includes("broken") || /"model":\s*"broken/.test(raw)
    ? { error: { status: 500, body: '{"error":{"message":"broken on purpose"}}' } }
    : { text: "Hello." };

export const startProviders = (): Promise<ScriptedProvider> => startProvider(script);

/** The router after `switchyard import`, as its user would have it. */
export interface Moved extends Asked {
  findings: readonly Finding[];
}

/** `switchyard router` on a configuration in this user's folder. */
const startRouter = async (
  user: Sandbox,
  config: string,
  env: Record<string, string>,
): Promise<{ url: string; close(): Promise<void> }> => {
  const child = user.start(["router", "--config", config, "--port", "0"], { env });
  child.stderr?.resume();
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [, url = ""] = await untilPrinted(child, "stdout", /listening on (\S+)/);
  return {
    url,
    close: async () => {
      child.kill("SIGTERM");
      await ended;
      user.remove();
    },
  };
};

/**
 * @param place the other tool's file or folder; @param key of its clients; @param env variables that it reads
 * @throws Error where the import refuses it
 */
export const moveIn = async (
  place: string,
  key: string,
  env: Record<string, string> = {},
): Promise<Moved> => {
  const user = sandbox();
  const config = join(user.folder, "switchyard.yaml");
  const done = await user.run(["import", place, "--output", config, "--yes", "--json"], { env });
  if (done.status !== 0) throw new Error(`switchyard import: ${done.stderr}`);
  const { findings } = JSON.parse(done.stdout) as { findings: Finding[] };
  return { ...(await startRouter(user, config, env)), key, findings };
};

/** The router on a configuration of ours, and what `switchyard export` made of that. */
export interface MovingOut extends Asked {
  /** Text of the other tool's file. */
  text: string;
  notes: readonly Note[];
}

/** @param tool as `switchyard export` calls it; @param yaml our configuration; @param env its variables */
export const moveOut = async (
  tool: string,
  yaml: string,
  key: string,
  env: Record<string, string>,
): Promise<MovingOut> => {
  const user = sandbox();
  const config = join(user.folder, "switchyard.yaml");
  const file = join(user.folder, "exported");
  writeFileSync(config, yaml);
  const done = await user.run(["export", tool, "--config", config, "--output", file, "--json"], { env });
  if (done.status !== 0) throw new Error(`switchyard export: ${done.stderr}`);
  const { notes } = JSON.parse(done.stdout) as { notes: Note[] };
  return {
    text: readFileSync(file, "utf8"),
    ...(await startRouter(user, config, env)),
    key,
    notes,
  };
};

/** What a report says of a key: `dropped: why`; undefined where it says nothing. */
export const told = (findings: readonly Finding[], key: string): string | undefined => {
  const found = findings.find((each) => each.key === key);
  return found === undefined ? undefined : `${found.outcome}: ${found.why}`;
};

/** The other tool, the router that took its configuration over, and the provider that both ask. */
export interface Both {
  provider: ScriptedProvider;
  there: Asked;
  here: Moved;
  close(): Promise<void>;
}

/** How one configuration gets to both. */
export interface Move {
  /** The other tool's file, by the provider's address. */
  text: (provider: string) => string;
  /** Its usual name. */
  file: string;
  /** Starts the other tool on that text. */
  start: (text: string) => Promise<{ url: string; close(): Promise<void> }>;
  /** Of clients. */
  key: string;
  env?: Record<string, string>;
  /** Other files of its folder, by name. */
  files?: Readonly<Record<string, string>>;
}

/** Starts the other tool on its own file, and the router on what the import made of the same file. */
export const startBoth = async (move: Move): Promise<Both> => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-moving-in-"));
  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const each of started.toReversed()) await each.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const provider = await startProviders();
    started.push(provider);
    const place = join(folder, move.file);
    for (const [name, text] of Object.entries(move.files ?? {})) writeFileSync(join(folder, name), text);
    const text = move.text(provider.url).replaceAll("FOLDER", folder);
    writeFileSync(place, text);
    const there = { ...(await move.start(text)), key: move.key };
    started.push(there);
    const here = await moveIn(place, move.key, move.env);
    started.push(here);
    return { provider, there, here, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What a question reached from each of the two. */
export const fromBoth = async (
  { provider, there, here }: Both,
  question: Question,
): Promise<{ there: Arrival[]; here: Arrival[] }> => ({
  there: await arrivals(there, provider, question),
  here: await arrivals(here, provider, question),
});

/** A question that comes to another model there than here, or with another limit, and where the report says so. */
export interface Difference {
  readonly question: Question;
  /** Of the finding, as the report has it. */
  readonly key: string;
  readonly says: RegExp;
  /** Nothing: it is an error there. */
  readonly there: readonly object[];
  readonly here: object;
}

/** Tests that each of the questions leads both to the same. @param both started before the first of them runs */
export const itReachesTheSame = (both: () => Both, questions: Readonly<Record<string, Question>>): void => {
  it.each(Object.entries(questions))(
    "%s reaches the same model with the same key and limit",
    async (_, question) => {
      const { there, here } = await fromBoth(both(), question);
      expect(there).toHaveLength(1);
      expect(here).toEqual(there);
    },
  );
};

/** Tests that the report tells of each difference. @param both started before the first of them runs */
export const itTellsDifferences = (
  both: () => Both,
  differences: Readonly<Record<string, Difference>>,
): void => {
  it.each(Object.entries(differences))("%s is different, and the report says so", async (_, expected) => {
    const { there, here } = await fromBoth(both(), expected.question);
    expect([there, here]).toMatchObject([expected.there, [expected.here]]);
    expect(told(both().here.findings, expected.key)).toMatch(expected.says);
  });
};
