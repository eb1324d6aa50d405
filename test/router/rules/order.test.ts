/** Tiers, the order of the rules, and from a rule to what is tried. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Config } from "../../../src/config/types.ts";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { validateMessagesRequest } from "../../../src/router/endpoints/validate.ts";
import { route } from "../../../src/router/rules/index.ts";
import { SwitchyardError } from "../../../src/shared/errors.ts";
import { testConfig } from "../../support/config.ts";
import { providers, usual, request, decide, ruleOf, targetsOf } from "../../support/rules.ts";

describe("tiers and default", () => {
  const tiered = (more: string): Config =>
    testConfig(
      `${providers}routes: { default: "one,d", background: "one,b", think: "one,t", opus: "Two,o", haiku: "Two,h"${more} }`,
    );
  it("a tier whose route is set decides after think", async () => {
    expect(await targetsOf({}, tiered(""))).toEqual(["Two,o"]);
    expect(await ruleOf({ model: "claude-sonnet-5" }, tiered(""))).toBe("default");
    expect(await ruleOf({ thinking: { type: "enabled" } }, tiered(""))).toBe("think");
    expect(await ruleOf({ model: "claude-haiku-4-5" }, tiered(""))).toBe("background");
  });
  it("tierFirst leaves a web search and an image where they are: the tier's target may know neither", async () => {
    const config = testConfig(
      `${providers}routes: { default: "one,d", webSearch: "one,s", image: "one,i", opus: "Two,o", tierFirst: true }`,
    );
    const search = { tools: [{ type: "web_search_20250305", name: "web_search" }] };
    expect(await ruleOf(search, config)).toBe("webSearch");
    const picture: Message = {
      role: "user",
      content: [{ type: "image", source: { type: "url", url: "https://x/y.png" } }],
    };
    expect(await ruleOf({ messages: [picture] }, config)).toBe("image");
    expect(await ruleOf({}, config)).toBe("opus");
  });
  it("tierFirst puts them before background and think", async () => {
    const config = tiered(", tierFirst: true");
    expect(await ruleOf({ thinking: { type: "enabled" } }, config)).toBe("opus");
    expect(await ruleOf({ model: "claude-haiku-4-5" }, config)).toBe("haiku");
  });
});

describe("targets", () => {
  it("a provider without a key is skipped in every list", async () => {
    const config = testConfig(`${providers}routes: { default: ["off,m", "one,d"] }`);
    expect(await targetsOf({}, config)).toEqual(["one,d"]);
  });
  it("demo answers only where every other target is switched off", async () => {
    expect(
      await targetsOf({}, testConfig(`${providers}routes: { default: ["off,m", "demo,echo"] }`)),
    ).toEqual(["demo,echo"]);
    expect(
      await targetsOf({}, testConfig(`${providers}routes: { default: ["demo,echo", "one,d"] }`)),
    ).toEqual(["one,d"]);
  });
  it("a request in which nothing has to change stays the same object, so that its bytes can pass", async () => {
    const asked = request();
    expect((await route(asked, {}, usual, { rawBytes: 10 })).request).toBe(asked);
  });
  it("every rule says why", async () => {
    const asked = request({ model: "claude-haiku-4-5" });
    const { why, rule } = await route(asked, {}, usual, { rawBytes: 10, explain: true });
    expect(rule).toBe("background");
    expect(why.map((each) => each.rule)).toEqual([
      "explicit",
      "longContext",
      "subagent",
      "background",
      "webSearch",
      "image",
      "think",
      "opus",
      "sonnet",
      "haiku",
      "fable",
      "default",
    ]);
    for (const each of why) expect(each.reason).not.toBe("");
    expect(why.at(-1)).toEqual({ rule: "default", matched: false, reason: "another rule matched" });
  });
  it("with nothing that can answer, the error names every target and why", async () => {
    const config = testConfig(`${providers}routes: { default: ["off,m", "off,n"] }`);
    await expect(decide({}, config)).rejects.toMatchObject({
      code: "route.noTarget",
      message: expect.stringMatching(/default.*off,m.*OFF_KEY.*off,n.*OFF_KEY/s),
    });
  });
  it.each([
    { tools: [{ name: "t", type: { toString: "" } }] },
    { thinking: { type: { toString: "" } } },
    { thinking: { type: "adaptive" }, output_config: { effort: { toString: "" } } },
  ])("%j, which says nothing that a rule could use, goes to default", async (odd) => {
    const config = testConfig(`${providers}routes: { default: "one,d", webSearch: "one,w", think: "one,t" }`);
    const request = {
      model: "claude-opus-4-5",
      max_tokens: 1,
      messages: [{ role: "user", content: "hi" }],
      ...odd,
    };
    const decision = await route(validateMessagesRequest(request), {}, config, {
      rawBytes: 100,
      explain: true,
    });
    expect(decision.rule).toBe("default");
  });

  it("no request that the endpoint lets in makes the rules fail in another way than by saying so", async () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const block = fc.oneof(
      json,
      fc.record(
        {
          type: fc.constantFrom(
            "text",
            "image",
            "document",
            "thinking",
            "tool_use",
            "tool_result",
            "server_tool_use",
            "new",
          ),
          text: fc.oneof(fc.string(), fc.constant("<CCR-SUBAGENT-MODEL>one,m</CCR-SUBAGENT-MODEL>")),
          thinking: fc.string(),
          id: fc.constant("i"),
          tool_use_id: fc.constant("i"),
          name: fc.oneof(fc.constant("n"), json),
          input: fc.oneof(fc.dictionary(fc.string(), json), json),
          source: fc.oneof(
            fc.record({
              type: fc.constantFrom("base64", "text", "content", "url"),
              data: json,
              content: json,
            }),
            json,
          ),
          content: fc.oneof(fc.string(), fc.array(json), json),
        },
        { requiredKeys: ["type"] },
      ),
    );
    const body = fc.record(
      {
        model: fc.oneof(
          fc.string(),
          fc.constantFrom("claude-haiku-4-5", "one,x", "off,x", "nowhere,x", "one,", ",", "claude-via/"),
        ),
        max_tokens: fc.constant(1),
        messages: fc.array(
          fc.record({
            role: fc.constantFrom("user", "assistant", "system"),
            content: fc.oneof(fc.string(), fc.array(block, { maxLength: 3 })),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        system: fc.oneof(fc.string(), fc.array(block, { maxLength: 2 }), fc.constant(null)),
        tools: fc.array(fc.record({ name: fc.constant("t"), type: json }, { requiredKeys: ["name"] })),
        thinking: json,
        output_config: json,
      },
      { requiredKeys: ["model", "max_tokens", "messages"] },
    );
    const config = testConfig(
      `${providers}routes: { default: "one,d", longContext: { use: "one,l", threshold: 1 }, image: "one,i", webSearch: "one,w", think: "one,t", subagent: "one,s" }`,
    );
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async (candidate, explain) => {
        let valid: MessagesRequest;
        try {
          valid = validateMessagesRequest(candidate);
        } catch {
          return; // answered 400 before any rule
        }
        asked++;
        const before = JSON.stringify(valid);
        try {
          const decision = await route(valid, {}, config, { rawBytes: before.length, explain });
          expect(decision.targets.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(SwitchyardError);
        }
        expect(JSON.stringify(valid)).toBe(before);
      }),
      { numRuns: 1000 },
    );
    expect(asked).toBeGreaterThan(100);
  });
});
