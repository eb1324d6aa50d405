/** Turns of the weeks before, so that charts and lists have something to show: the same ones each time. */
import { createLedger } from "../../../src/router/ledger/ledger.ts";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";

const day = 86_400_000;

const routes = [
  {
    rule: "default",
    asked: "claude-sonnet-4-5",
    target: "main,x-ai/grok-4.1-fast",
    share: 6,
    price: 0.000_000_6,
  },
  {
    rule: "think",
    asked: "claude-opus-4-6",
    target: "main,deepseek/deepseek-v3.2",
    share: 2,
    price: 0.000_001_4,
  },
  {
    rule: "background",
    asked: "claude-haiku-4-5",
    target: "spare,gemini-2.5-flash-lite",
    share: 3,
    price: 0.000_000_1,
  },
  {
    rule: "longContext",
    asked: "claude-sonnet-4-5[1m]",
    target: "spare,gemini-2.5-pro",
    share: 1,
    price: 0.000_003,
  },
  {
    rule: "custom:night",
    asked: "claude-sonnet-4-5",
    target: "local,qwen3-coder-30b",
    share: 1,
    price: undefined,
  },
] as const;

/** A small seeded generator (xorshift32). */
const generator = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
};

const turnAt = (at: number, number: number, next: () => number): TurnRecord => {
  const shares = routes.flatMap((route) => Array.from({ length: route.share }, () => route));
  const { rule, asked, target, price } = shares[Math.floor(next() * shares.length)]!;
  const size = rule === "longContext" ? 20 : 1;
  const tokens = {
    input: Math.round((400 + next() * 3000) * size),
    output: Math.round(150 + next() * 1800),
    cacheWrite: Math.round(next() * 2500 * size),
    cacheRead: Math.round(next() * 24_000 * size),
    reasoning: rule === "think" ? Math.round(next() * 100) : 0,
  };
  const chance = next();
  const outcome = chance < 0.03 ? "failed" : chance < 0.04 ? "cut" : chance < 0.05 ? "aborted" : "done";
  const retried = next() < 0.08;
  const duration = Math.round(1200 + next() * 14_000);
  const failure = {
    target: "main,x-ai/grok-4.1-fast",
    key: "…a1b2",
    result: "rateLimited",
    status: 429,
    duration: 210,
  };
  const served =
    outcome === "done" ? { result: "served", status: 200 } : { result: "overloaded", status: 529 };
  return {
    id: `req_${String(number).padStart(24, "0")}`,
    at,
    session: `5e551011-0000-4000-8000-${String(number % 7).padStart(12, "0")}`,
    agent: number % 5 === 0 ? "agent-explore" : null,
    profile: null,
    clientKey: number % 3 === 0 ? "laptop" : null,
    client: "anthropic",
    asked,
    rule,
    target,
    attempts: [
      ...(retried ? [failure] : []),
      { target, key: target.startsWith("local") ? null : "…c3d4", ...served, duration },
    ],
    stream: true,
    tokens: outcome === "failed" ? null : tokens,
    cost:
      outcome === "failed" || price === undefined
        ? null
        : price * (tokens.input + tokens.cacheWrite + tokens.cacheRead * 0.1 + tokens.output * 4),
    firstToken: outcome === "failed" ? null : Math.round(350 + next() * 900),
    duration,
    outcome,
    status: outcome === "failed" ? 529 : 200,
    error: outcome === "failed" ? "overloaded_error" : null,
  };
};

/** @param folder of the ledger, before its router starts. @param days how far back they go */
export const writeHistory = async (folder: string, turns = 600, days = 20): Promise<void> => {
  const ledger = createLedger({
    folder,
    keeping: { retention: 90 * day, totals: 365 * day },
    log: { warn: () => undefined, error: () => undefined },
  });
  const next = generator(7);
  const begin = Date.now() - days * day;
  for (let number = 0; number < turns; number++) {
    const at = begin + ((Date.now() - 120_000 - begin) * number) / turns + next() * 60_000;
    ledger.append(turnAt(Math.round(at), number, next));
  }
  await ledger.close();
};
