/** Any way through the providers, with words of the user and of the client between the turns. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ContentBlock } from "../../../src/protocol/anthropic.ts";
import { Conversation } from "./conversation.ts";
import { Upstream, upstreamNames } from "./upstreams.ts";

const step = fc.record({
  to: fc.constantFrom(...upstreamNames),
  next: fc.constantFrom("results", "results and a question", "results and a note", "an empty note"),
});

test("no provider is sent what it would refuse, and each call and result arrives as often as it was made", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 7 }), (way) => {
      const conversation = new Conversation();
      const upstreams = new Map(upstreamNames.map((name) => [name, new Upstream(name)]));
      for (const [i, { to, next }] of way.entries()) {
        const upstream = upstreams.get(to)!;
        const request = conversation.request();
        const body = upstream.sent(request);
        expect(upstream.problems(body), way.map((one) => one.to).join(" > ")).toEqual([]);
        for (let n = 0; n < i; n++) expect(body.split(`/é${n}.txt`).length - 1).toBe(1);
        conversation.answered(withEmptyText(upstream.answer(i, request)));
        if (next === "results and a question") conversation.said(`question ${i}`);
        if (next === "results and a note") conversation.noted(`note ${i}`);
        if (next === "an empty note") conversation.noted("");
      }
    }),
    { numRuns: 150 },
  );
});

/** An answer whose text came empty, as a client may keep it. */
const withEmptyText = (content: ContentBlock[]): ContentBlock[] => [...content, { type: "text", text: "" }];
