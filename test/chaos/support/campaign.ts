/** Many turns at once through a router of its own process, in front of two providers that fail; and what must hold for each of them. */
import { randomFrom } from "../../support/rechunk.ts";
import { until } from "../../support/cli.ts";
import {
  chaosProvider,
  routerProcess,
  type ChaosProcess,
  type LogLine,
  type RouterProcess,
} from "./processes.ts";
import type { Call } from "./provider.ts";
import { takeTurn, clientForms, type Ask, type Verdict } from "./turn.ts";
import { hashOf, type Order } from "./words.ts";

export interface World {
  router: RouterProcess;
  a: ChaosProcess;
  b: ChaosProcess;
  close(): Promise<void>;
}

export interface WorldOptions {
  seed: number;
  /** Share of calls that fail at each provider. */
  share: number;
  /** Of the second provider, where it is another. */
  shareOfB?: number;
  keepsLog?: boolean;
  /** Failures in a row after which a target rests. */
  breakAfter?: number;
}

const dialects: Readonly<Record<string, (url: string) => string>> = {
  chat: (url) => `dialect: openai-chat, baseUrl: "${url}/v1"`,
  responses: (url) => `dialect: openai-responses, baseUrl: "${url}/v1"`,
  gemini: (url) => `dialect: gemini, baseUrl: "${url}/v1beta"`,
  relayed: (url) => `dialect: anthropic, baseUrl: "${url}"`,
  // Bytes of Anthropic itself pass as they are.
  raw: (url) => `preset: anthropic, auth: key, baseUrl: "${url}"`,
};

/** Each route has a target at either provider, in two dialects. */
const routes = {
  default: ["chat-a", "raw-b"],
  background: ["raw-a", "gemini-b"],
  think: ["gemini-a", "responses-b"],
  webSearch: ["responses-a", "relayed-b"],
  image: ["relayed-a", "chat-b"],
};

/** Model names by which a client chooses each route. */
export const models = Object.values(routes).map(([first]) => `${first},m`);

/** Times are short, so that a stall costs a second and a rest is over within a turn. */
export const configuration = (a: string, b: string, breakAfter = 5): string => {
  const limits = `timeouts: { connect: 1s, firstByte: 1s, idle: 1s, total: 10s }`;
  const failures = `failures: { tries: 2, breakAfter: ${breakAfter}, wait: { first: 5ms, longest: 40ms }, rest: { first: 50ms, longest: 300ms } }`;
  const entry = (name: string, end: string, url: string): string =>
    `  ${name}-${end}: { ${dialects[name]!(url)}, keys: [sk-${name}-${end}-first-0123, sk-${name}-${end}-second-4567], keyStrategy: round-robin, ${limits}, ${failures} }`;
  const entries = Object.keys(dialects).flatMap((name) => [entry(name, "a", a), entry(name, "b", b)]);
  return [
    "server: { headerHold: 300ms, pingInterval: 200ms, waitForRest: 2s, retryBudget: 5s }",
    "providers:",
    ...entries,
    "routes:",
    "  longContext:",
    ...Object.entries(routes).map(
      ([route, targets]) => `  ${route}: [${targets.map((each) => `"${each},m"`).join(", ")}]`,
    ),
    "",
  ].join("\n");
};

export const startWorld = async ({
  seed,
  share,
  shareOfB = share,
  keepsLog = true,
  breakAfter,
}: WorldOptions): Promise<World> => {
  const [a, b] = await Promise.all([
    chaosProvider({ name: "a", seed, share }),
    chaosProvider({ name: "b", seed, share: shareOfB }),
  ]);
  const router = await routerProcess(configuration(a.url, b.url, breakAfter), { keepsLog });
  return {
    router,
    a,
    b,
    close: async () => {
      await router.close();
      await Promise.all([a.kill(), b.kill()]);
    },
  };
};

/** Turn `n` of a seed: always the same. */
export const askOf = (seed: number, n: number, order: Partial<Order> = {}): Ask => {
  const random = randomFrom(hashOf("ask", seed, n));
  return {
    form: clientForms[Math.floor(random() * clientForms.length)]!,
    stream: random() < 0.7,
    model: models[Math.floor(random() * models.length)]!,
    order: { turn: String(n), ...order },
  };
};

/** Longest that a turn may last by those time-outs: four calls of two targets that each stall, and all waits; then as much again for a busy machine. */
export const patience = 40_000;

/** @param abreast turns at the same time */
export const runTurns = async (url: string, asks: readonly Ask[], abreast: number): Promise<Verdict[]> => {
  const verdicts: Verdict[] = [];
  const left = asks.values();
  const client = async (): Promise<void> => {
    for (const ask of left) verdicts.push(await takeTurn(url, ask, patience));
  };
  await Promise.all(Array.from({ length: abreast }, client));
  return verdicts;
};

/** What the log may say of the ends that a client sees: of an answer that broke off in its reasoning no word was seen. */
const logged: Readonly<Record<string, readonly string[]>> = {
  done: ["done"],
  failed: ["failed", "cut"],
  cut: ["cut"],
};

/** Everything that is wrong with a run, one line each; empty for a good one. */
export const complaints = async (
  { router, a, b }: World,
  verdicts: readonly Verdict[],
): Promise<string[]> => {
  const lines = (): LogLine[] => router.log().filter(({ msg }) => msg === "turn");
  // The log may come a moment after the answer.
  await until(() => lines().length >= verdicts.length, "the log").catch(() => undefined);
  const byId = new Map(lines().map((line) => [line.requestId, line]));
  const said = verdicts.flatMap((verdict) => {
    const { ask, end, requestId, status, problems, body = "" } = verdict;
    const where = `turn ${ask.order.turn} (${ask.form}, ${ask.stream ? "stream" : "whole"}, ${ask.model}, status ${status})`;
    const wrong = problems.length === 0 ? [] : [`${where}: ${problems.join("; ")}\n${body}`];
    const line = byId.get(requestId);
    if (end !== "invalid" && logged[end]?.includes(line?.outcome ?? "") !== true)
      wrong.push(
        `${where}: the client saw ${end}, the log says ${line?.outcome ?? "nothing"} (${requestId})`,
      );
    if (body.includes("inside Switchyard")) wrong.push(`${where}: a defect of the router`);
    return wrong;
  });
  const defects = router
    .log()
    .filter(({ level, msg }) => level === "error" || /could not be read|failed inside/.test(msg))
    .map((line) => `log: ${JSON.stringify(line).slice(0, 2000)}`);
  const calls = await Promise.all([a, b].map((provider) => provider.calls().catch(() => [])));
  return [...said, ...defects, ...servedTwice(calls.flat())];
};

/** After a call whose whole answer went out, none may follow in the same turn. */
const servedTwice = (calls: readonly Call[]): string[] => {
  const sound = new Map<string, string[]>();
  for (const each of calls) {
    if (!each.sound) continue;
    sound.set(each.turn, [...(sound.get(each.turn) ?? []), `${each.call} (${each.fault})`]);
  }
  return [...sound].flatMap(([turn, served]) =>
    served.length > 1 ? [`turn ${turn} was served twice: ${served.join(", ")}`] : [],
  );
};

/** How many turns ended how. */
export const tally = (verdicts: readonly Verdict[]): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const { end } of verdicts) out[end] = (out[end] ?? 0) + 1;
  return out;
};
