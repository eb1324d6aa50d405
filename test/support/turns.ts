/** Turns as the ledger keeps them, for what reads them. */
import type { TurnRecord } from "../../src/router/ledger/record.ts";

/** A turn that one provider served at once. */
export const turnRecord = (given: Partial<TurnRecord> = {}): TurnRecord => ({
  id: "req_0123456789abcdef01234567",
  at: Date.UTC(2026, 10, 21, 10, 0, 0),
  session: "7f1c0000-0000-4000-8000-000000000001",
  agent: null,
  profile: null,
  clientKey: null,
  client: "anthropic",
  asked: "claude-sonnet-4-5",
  rule: "default",
  target: "a,m",
  attempts: [{ target: "a,m", key: "…cdef", result: "served", status: 200, duration: 1_900 }],
  stream: true,
  tokens: { input: 10, output: 20, cacheWrite: 30, cacheRead: 40, reasoning: 5 },
  cost: 0.25,
  firstToken: 700,
  duration: 2_000,
  outcome: "done",
  status: 200,
  error: null,
  ...given,
});
