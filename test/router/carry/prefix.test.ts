/** A prompt cache lives from a prefix that stays the same: what was sent in one turn is sent again, byte for byte, in the next. */
import { expect, test } from "vitest";
import { Conversation } from "./conversation.ts";
import { Upstream, upstreamNames } from "./upstreams.ts";

/** Markers say where the cache is to be written; they are no part of what is cached. */
const withoutMarkers = (body: string): Record<string, unknown> =>
  JSON.parse(body, (name, value: unknown) => (name === "cache_control" ? undefined : value)) as Record<
    string,
    unknown
  >;

/** The conversation, and all that stands before it. */
const parts = (body: string): { list: string; head: string } => {
  const sent = withoutMarkers(body);
  const list = JSON.stringify(sent["messages"] ?? sent["input"] ?? sent["contents"]);
  const head = JSON.stringify([
    sent["system"],
    sent["instructions"],
    sent["systemInstruction"],
    sent["tools"],
  ]);
  return { list: list.slice(0, -1), head };
};

/** Anthropic itself gets the client's own bytes, and looks through their forms. */
const translated = upstreamNames.filter((name) => name !== "anthropic");

test.each(translated)(
  "%s gets each turn with the bytes of the turn before in front, though the client sends them in another form",
  (name) => {
    const conversation = new Conversation();
    const upstream = new Upstream(name);
    let before: { list: string; head: string } | undefined;
    for (let n = 1; n <= 6; n++) {
      const request = conversation.request();
      const now = parts(upstream.sent(request));
      if (before !== undefined) {
        expect(now.list.startsWith(before.list), `turn ${n}`).toBe(true);
        expect(now.list.length).toBeGreaterThan(before.list.length);
        expect(now.head).toBe(before.head);
      }
      before = now;
      conversation.answered(upstream.answer(n, request));
      if (n % 2 === 0) conversation.said(`question ${n}`);
    }
  },
);

test.each(translated)("%s gets the same bytes for the same request, after a restart too", (name) => {
  const conversation = new Conversation();
  const request = conversation.request();
  conversation.answered(new Upstream(name).answer(1, request));
  const second = conversation.request();
  expect(new Upstream(name).sent(second)).toBe(new Upstream(name).sent(structuredClone(second)));
});
