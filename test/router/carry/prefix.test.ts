/** A prompt cache lives from a prefix that stays the same: what was sent in one turn is sent again, byte for byte, in the next. */
import { expect, test } from "vitest";
import { prefixOf } from "../../support/prefix.ts";
import { Conversation } from "./conversation.ts";
import { Upstream, upstreamNames } from "./upstreams.ts";

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
      const now = prefixOf(upstream.sent(request));
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
