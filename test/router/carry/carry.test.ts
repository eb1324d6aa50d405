/** One conversation over all providers: none of them ever sees what it would reject, and each gets its own reasoning back. */
import { describe, expect, test } from "vitest";
import { Conversation } from "./conversation.ts";
import { Upstream, upstreamNames, withoutScript } from "./upstreams.ts";

/** Providers that ask for their reasoning back. */
const carriers = new Set([
  "anthropic",
  "kimi",
  "deepseek",
  "openrouter",
  "openai-responses",
  "gemini",
  "gemini-openai",
]);

/** One turn: the request is judged, the answer joins the conversation. Returns the body that was sent. */
const turn = (conversation: Conversation, upstream: Upstream, n: number): string => {
  const request = conversation.request();
  const body = upstream.sent(request);
  expect(upstream.problems(body), `turn ${n} at ${upstream.name}`).toEqual([]);
  conversation.answered(upstream.answer(n, request));
  return body;
};

const pairs = upstreamNames.flatMap((from) => upstreamNames.map((to) => [from, to] as const));

test("every dialect of the list takes part", () => {
  expect(withoutScript).toEqual([]);
});

describe.each(pairs)("a conversation begun at %s goes on at %s with tool calls in flight", (from, to) => {
  test.each([
    ["thinking", { type: "enabled", budget_tokens: 2000 }],
    ["adaptive thinking", { type: "adaptive" }],
  ] as const)("and back, with %s", (_, thinking) => {
    const conversation = new Conversation(thinking);
    const a = new Upstream(from);
    const b = from === to ? undefined : new Upstream(to);
    turn(conversation, a, 1);
    const atFirst = [...a.issued];
    const foreign = turn(conversation, b ?? a, 2);
    if (b !== undefined) for (const value of atFirst) expect(foreign).not.toContain(value);
    const back = turn(conversation, a, 3);
    for (const value of b?.issued ?? []) expect(back).not.toContain(value);
    if (carriers.has(from)) for (const value of atFirst) expect(back).toContain(value);
    conversation.said("And now?");
    turn(conversation, b ?? a, 4);
    turn(conversation, a, 5);
  });
});

test("a conversation that goes through all of them, twice, is taken by each", () => {
  const conversation = new Conversation();
  const upstreams = upstreamNames.map((name) => new Upstream(name));
  let n = 0;
  for (let round = 0; round < 2; round++)
    for (const upstream of upstreams) {
      turn(conversation, upstream, ++n);
      if (n % 3 === 0) conversation.said(`question ${n}`);
    }
  expect(n).toBe(upstreamNames.length * 2);
});

test("nothing of the router's own leaves: neither envelopes nor its names for tool calls reach their own provider", () => {
  for (const name of upstreamNames) {
    const conversation = new Conversation();
    const upstream = new Upstream(name);
    for (let n = 1; n <= 3; n++) {
      const body = turn(conversation, upstream, n);
      expect(body).not.toContain("switchyard");
      expect(body).not.toContain("sy_");
    }
  }
});
