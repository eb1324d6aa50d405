/** `switchyard setup-report`, read by a parser that takes the block's form and nothing else. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyReport, reportText } from "../../src/cli/setup-report/text.ts";
import { root, type Sandbox, sandbox } from "../support/cli.ts";
import { startRefusingProvider } from "../support/provider/refusing.ts";
import type { ScriptedProvider } from "../support/provider/server.ts";

interface Parsed {
  readonly results: Readonly<Record<string, "OK" | "FAIL" | number>>;
  readonly notes: readonly string[];
}

/** Lines in this order, each with what may stand behind it. */
const form = [
  ["install.sh", /^(OK|FAIL)$/],
  ["CLIProxyAPI service", /^(OK|FAIL)$/],
  ["codex.env updated", /^(OK|FAIL)$/],
  ["routing.strategy=fill-first", /^(OK|FAIL)$/],
  ["switch-project=true", /^(OK|FAIL)$/],
  ["plus priority count", /^\d+$/],
  ["pro priority count", /^\d+$/],
  ["/v1/models test", /^(OK|FAIL)$/],
  ["/v1/chat/completions test", /^(OK|FAIL)$/],
] as const;

/** @throws Error at the first line that is not as the form says */
const parseReport = (text: string): Parsed => {
  const lines = text.split("\n");
  const take = (): string => {
    const line = lines.shift();
    if (line === undefined) throw new Error("it ends too early");
    return line;
  };
  const expectLine = (wanted: string): void => {
    const line = take();
    if (line !== wanted) throw new Error(`'${line}' instead of '${wanted}'`);
  };
  expectLine("[SETUP RESULT]");
  const results: Record<string, "OK" | "FAIL" | number> = {};
  for (const [name, values] of form) {
    const line = take();
    const value = line.startsWith(`- ${name}: `) ? line.slice(name.length + 4) : undefined;
    if (value === undefined || !values.test(value)) throw new Error(`'${line}' is no line of ${name}`);
    results[name] = value === "OK" || value === "FAIL" ? value : Number(value);
  }
  expectLine("");
  expectLine("[NOTES]");
  if (lines.pop() !== "") throw new Error("it does not end with a line feed");
  for (const line of lines) if (!/^- \S/.test(line)) throw new Error(`'${line}' is no note`);
  return { results, notes: lines.map((line) => line.slice(2)) };
};

const accountsOk = {
  "CLIProxyAPI service": "OK",
  "codex.env updated": "OK",
  "routing.strategy=fill-first": "OK",
  "switch-project=true": "OK",
};

let own: Sandbox;
let provider: ScriptedProvider;
beforeEach(async () => {
  own = sandbox();
  provider = await startRefusingProvider("pong");
});
afterEach(async () => {
  await provider.close();
  own.remove();
});

const report = async (
  yaml: string,
  env: Record<string, string> = {},
): Promise<Parsed & { status: number | null }> => {
  const file = join(own.folder, "own.yaml");
  writeFileSync(file, yaml);
  const { status, stdout } = await own.run(["setup-report", "--config", file], { env });
  return { ...parseReport(stdout), status };
};

/** A configuration with one provider, whose key is THERE_KEY. */
const there = (): string =>
  `providers: { there: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ["\${THERE_KEY}"] } }\nroutes: { default: "there,m-1" }\n`;

/** A folder of a CLIProxyAPI of the user's own. */
const cliproxyapi = (port: number, settings: string): string => {
  const folder = join(own.home, ".cli-proxy-api");
  mkdirSync(folder, { recursive: true });
  const account = (name: string, priority: number): void =>
    writeFileSync(
      join(folder, `codex-${name}.json`),
      JSON.stringify({ type: "codex", priority, attributes: { priority: String(priority) } }),
    );
  account("a@test-plus", 100);
  account("b@test-plus", 100);
  account("c@test-pro", 0);
  const file = join(folder, "config.yaml");
  writeFileSync(file, `port: ${port}\nauth-dir: "~/.cli-proxy-api"\n${settings}`);
  return file;
};
const settings =
  "routing: { strategy: fill-first }\nquota-exceeded: { switch-project: true, switch-preview-model: true }\nrequest-retry: 3\nmax-retry-interval: 30\n";

describe("switchyard setup-report", () => {
  it("says OK of the router's tests where a provider answers, and that no CLIProxyAPI is wanted", async () => {
    const { status, results, notes } = await report(there(), { THERE_KEY: "right-key" });
    expect(status).toBe(0);
    expect(results).toMatchObject({
      "install.sh": "OK",
      "CLIProxyAPI service": "FAIL",
      "/v1/models test": "OK",
      "/v1/chat/completions test": "OK",
    });
    expect(notes).toEqual([expect.stringMatching(/^manual: no CLIProxyAPI is configured/)]);
    expect(provider.requests).toHaveLength(1);
  });

  it("says FAIL, why, and ends with status 1 where the provider refuses the key", async () => {
    const { status, results, notes } = await report(there(), { THERE_KEY: "wrong-key" });
    expect(status).toBe(1);
    expect(results["/v1/chat/completions test"]).toBe("FAIL");
    expect(notes).toContainEqual(expect.stringMatching(/^blocking: .*there,m-1.*no such key/));
    expect(notes.join("\n")).not.toContain("wrong-key");
  });

  it("says that the demo answered where there is no key", async () => {
    const { status, results, notes } = await report("");
    expect(status).toBe(0);
    expect(results["/v1/chat/completions test"]).toBe("OK");
    expect(notes).toContainEqual(expect.stringMatching(/^manual: .*the demo answered/));
  });

  it("keeps its form where the configuration has errors", async () => {
    const { status, notes } = await report("routes: { default: 'nobody,m' }\nrouts: {}\n");
    expect(status).toBe(1);
    expect(notes[0]).toMatch(/^blocking: The configuration is not valid: .*own\.yaml:1/);
  });

  it("counts the accounts of a CLIProxyAPI, and asks one of them", async () => {
    const port = Number(new URL(provider.url).port);
    const file = cliproxyapi(port, settings);
    const yaml = `stack: { cliproxyapi: { config: "${file}" } }\nproviders: { cliproxyapi: { preset: cliproxyapi, baseUrl: "${provider.url}" } }\n`;
    const { status, results, notes } = await report(yaml, { CLIPROXYAPI_KEY: "sk-of-the-test" });
    expect(notes).toEqual(["none"]);
    expect(results).toEqual({
      "install.sh": "OK",
      ...accountsOk,
      "plus priority count": 2,
      "pro priority count": 1,
      "/v1/models test": "OK",
      "/v1/chat/completions test": "OK",
    });
    expect(status).toBe(0);
    expect(provider.requests.map(({ body }) => body.model)).toContain("gpt-5.3-codex-spark");
  });

  it("says which settings of a CLIProxyAPI differ, and that it does not run", async () => {
    // Nobody listens there any more.
    const port = Number(new URL(provider.url).port);
    await provider.close();
    provider = await startRefusingProvider("pong");
    const file = cliproxyapi(port, settings.replace("fill-first", "round-robin"));
    const yaml = `stack: { cliproxyapi: { config: "${file}" } }\n`;
    const { status, results, notes } = await report(yaml);
    expect(status).toBe(1);
    expect(results).toMatchObject({
      "CLIProxyAPI service": "FAIL",
      "codex.env updated": "FAIL",
      "routing.strategy=fill-first": "FAIL",
      "switch-project=true": "OK",
    });
    expect(notes.filter((each) => each.startsWith("blocking: ")).length).toBeGreaterThanOrEqual(3);
  });
});

it("the sample of docs/for-agents.md is of this form, and words of several lines stay in one", () => {
  const page = readFileSync(join(root, "docs/for-agents.md"), "utf8");
  const sample = /```text\n(\[SETUP RESULT\][\s\S]*?)```/.exec(page)?.[1];
  expect(parseReport(sample!).results["plus priority count"]).toBe(2);
  const text = reportText({ ...emptyReport, blocking: ["one\n  two"] });
  expect(parseReport(`${text}\n`).notes).toEqual(["blocking: one; two"]);
});
