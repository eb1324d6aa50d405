/** Each rule's yes and no, and their order. What the client sends is imitated by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { targetName, type Config } from "../../../src/config/types.ts";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { validateMessagesRequest } from "../../../src/router/endpoints/validate.ts";
import { route, type Decision } from "../../../src/router/rules/index.ts";
import { SwitchyardError } from "../../../src/shared/errors.ts";
import { testConfig } from "../../support/config.ts";

const providers = `
providers:
  one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:1/v1", keys: [] }
  Two: { dialect: openai-chat, baseUrl: "http://127.0.0.1:2/v1", keys: [] }
  off: { dialect: openai-chat, baseUrl: "http://127.0.0.1:3/v1", keys: ["\${OFF_KEY}"] }
`;
const routes = `
routes:
  default: ["one,default", "Two,fallback"]
  longContext: { use: "one,long", threshold: 2000 }
  background: "one,background"
  webSearch: "one,search"
  think: "one,think"
`;
const usual = testConfig(providers + routes);
const withRoutes = (more: string): Config => testConfig(`${providers}${routes}${more}`);

const request = (fields: Partial<MessagesRequest> = {}): MessagesRequest => ({
  model: "claude-opus-5-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "hello" }],
  ...fields,
});

const decide = (
  fields: Partial<MessagesRequest> = {},
  config: Config = usual,
  headers: Record<string, string> = {},
): Promise<Decision> => {
  const asked = request(fields);
  return route(asked, headers, config, { rawBytes: JSON.stringify(asked).length });
};
const ruleOf = async (...args: Parameters<typeof decide>): Promise<string> => (await decide(...args)).rule;
const targetsOf = async (...args: Parameters<typeof decide>): Promise<string[]> =>
  (await decide(...args)).targets.map(targetName);

describe("explicit", () => {
  it("a model named provider,model goes there, with the rest of its route behind it", async () => {
    expect(await ruleOf({ model: "one,default" })).toBe("explicit");
    expect(await targetsOf({ model: "Two,fallback" })).toEqual(["Two,fallback", "one,default"]);
    expect(await targetsOf({ model: "one,elsewhere/with:colons" })).toEqual(["one,elsewhere/with:colons"]);
  });
  it("the provider's letter case does not matter", async () => {
    expect(await targetsOf({ model: "ONE,x" })).toEqual(["one,x"]);
    expect(await targetsOf({ model: "two,x" })).toEqual(["Two,x"]);
  });
  it("the [1m] suffix of the client is no part of the id", async () => {
    expect(await targetsOf({ model: "one,x[1m]" })).toEqual(["one,x"]);
    const decision = await decide({ model: "claude-opus-5-5[1m]" });
    expect(decision.request.model).toBe("claude-opus-5-5");
  });
  it("the form that the list of models offers works", async () => {
    expect(await targetsOf({ model: "claude-via/one,x" })).toEqual(["one,x"]);
  });
  it("an alias works, and a bare id that exactly one target bears", async () => {
    const config = withRoutes('aliases: { coder: "Two,qwen" }');
    expect(await targetsOf({ model: "coder" }, config)).toEqual(["Two,qwen"]);
    expect(await targetsOf({ model: "search" })).toEqual(["one,search"]);
  });
  it("an id that two providers bear is not guessed", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,same", "Two,same"] }`);
    expect(await ruleOf({ model: "same" }, config)).toBe("default");
  });
  it("a provider that is not configured is an error that names those that are", async () => {
    const error = await decide({ model: "nowhere,x" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SwitchyardError);
    expect(error).toMatchObject({ httpStatus: 404, message: expect.stringContaining("nowhere") });
    expect((error as Error).message).toContain("one, Two");
  });
  it("a provider that is switched off is an error that says why", async () => {
    const error = await decide({ model: "off,x" }).catch((thrown: unknown) => thrown);
    // 4xx: what is 5xx the client repeats in silence for minutes.
    expect(error).toMatchObject({
      code: "route.noTarget",
      httpStatus: 400,
      message: expect.stringContaining("OFF_KEY"),
    });
  });
  it("a provider that is switched off is stood in for by the rest of its route", async () => {
    const config = testConfig(`${providers}routes: { default: ["off,m", "one,d"] }`);
    expect(await targetsOf({ model: "off,m" }, config)).toEqual(["one,d"]);
  });
  it("a mistyped provider gets the nearest name", async () => {
    await expect(decide({ model: "twoo,x" })).rejects.toThrow(/Two/);
    await expect(decide({ model: "twoo,x" })).rejects.toThrow(/Did you mean "Two"/);
  });
  it("a provider without a model is an error, not the default", async () => {
    await expect(decide({ model: "one," })).rejects.toMatchObject({ httpStatus: 400 });
    await expect(decide({ model: "one,*" })).rejects.toMatchObject({ httpStatus: 400 });
  });
  it("a fallback that keeps the id asked for does not get another provider's id", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,d", "Two,*"] }`);
    expect(await targetsOf({ model: "one,d" }, config)).toEqual(["one,d"]);
    expect(await targetsOf({}, config)).toEqual(["one,d", "Two,*"]);
  });
  it("demo answers where it is asked for by name", async () => {
    const config = testConfig(`${providers}routes: { default: ["one,d", "demo,echo"] }`);
    expect(await targetsOf({ model: "demo,echo" }, config)).toEqual(["demo,echo"]);
  });
});

describe("longContext", () => {
  const long = "several words of a long text ".repeat(600);
  it("more tokens than the threshold match, fewer do not", async () => {
    expect(await ruleOf({ messages: [{ role: "user", content: long }] })).toBe("longContext");
    expect(await ruleOf({ messages: [{ role: "user", content: long.slice(0, 3000) }] })).toBe("default");
  });
  it("nothing is counted where the body is smaller than the threshold", async () => {
    expect((await decide()).tokens).toBeUndefined();
    expect((await decide({ messages: [{ role: "user", content: long }] })).tokens).toBeGreaterThan(2000);
  });
  it("stands before everything but explicit", async () => {
    const messages: Message[] = [{ role: "user", content: long }];
    expect(await ruleOf({ messages, model: "claude-haiku-4-5" })).toBe("longContext");
    expect(await ruleOf({ messages, model: "one,x" })).toBe("explicit");
  });
  it("a 100 KB image in a tool result does not go to longContext", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000040000000400806000000", "hex");
    const data = Buffer.concat([header, Buffer.alloc(100_000, 7)]).toString("base64");
    const messages: Message[] = [
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t",
            content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }],
          },
        ],
      },
    ];
    expect(await ruleOf({ messages })).toBe("default");
  });
  it("a large image alone needs no counting at all", async () => {
    const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000040000000400806000000", "hex");
    const data = Buffer.concat([header, Buffer.alloc(500_000, 7)]).toString("base64");
    const decision = await decide({
      messages: [
        {
          role: "user",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data } }],
        },
      ],
    });
    expect(decision.tokens).toBeUndefined();
  });
  it("images and documents by address count, though they add hardly a byte", async () => {
    const at = (n: number): Message[] => [
      {
        role: "user",
        content: Array.from({ length: n }, () => ({
          type: "image",
          source: { type: "url", url: "https://x/y" },
        })),
      },
    ];
    expect(await ruleOf({ messages: at(2) })).toBe("longContext");
    expect(await ruleOf({ messages: at(1) })).toBe("default");
  });
  it("thinking blocks of earlier turns are counted", async () => {
    const messages: Message[] = [
      { role: "assistant", content: [{ type: "thinking", thinking: long, signature: "s" }] },
      { role: "user", content: "go on" },
    ];
    expect(await ruleOf({ messages })).toBe("longContext");
  });
  it("<|endoftext|> in the content is text, and does not change the route", async () => {
    expect(await ruleOf({ messages: [{ role: "user", content: `${long}<|endoftext|>` }] })).toBe(
      "longContext",
    );
  });
});

describe("subagent", () => {
  const tag = "<CCR-SUBAGENT-MODEL>one,helper</CCR-SUBAGENT-MODEL>";
  it.each<[string, Partial<MessagesRequest>]>([
    [
      "the first system block",
      {
        system: [
          { type: "text", text: `${tag}You are` },
          { type: "text", text: "x" },
        ],
      },
    ],
    [
      "the middle of the third system block",
      {
        system: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
          { type: "text", text: `c ${tag} d` },
        ],
      },
    ],
    ["a system prompt that is a string", { system: `a ${tag}` }],
    ["the first message", { messages: [{ role: "user", content: `${tag} look around` }] }],
    [
      "the second message",
      {
        messages: [
          { role: "user", content: [{ type: "text", text: "reminder" }] },
          { role: "system", content: [{ type: "text", text: `x ${tag}` }] },
        ],
      },
    ],
  ])("a tag in %s decides and is not sent", async (_where, fields) => {
    const decision = await decide(fields);
    expect(decision.rule).toBe("subagent");
    expect(decision.targets.map(targetName)).toEqual(["one,helper"]);
    expect(JSON.stringify(decision.request)).not.toContain("CCR-SUBAGENT-MODEL");
    expect(JSON.stringify(request(fields))).toContain("CCR-SUBAGENT-MODEL");
  });
  it("a tag is not sent whichever rule decides", async () => {
    const system = `${tag} You are`;
    for (const fields of [
      { model: "one,x" },
      { messages: [{ role: "user" as const, content: "several words of a long text ".repeat(600) }] },
    ]) {
      const decision = await decide({ system, ...fields });
      expect(decision.rule).not.toBe("subagent");
      expect(decision.request.system).toBe(" You are");
    }
  });
  it("nothing empty is left where a block or message was nothing but the tag", async () => {
    const messages: Message[] = [
      { role: "user", content: tag },
      {
        role: "user",
        content: [
          { type: "text", text: tag },
          { type: "text", text: "look" },
        ],
      },
    ];
    const { request: sent } = await decide({ system: tag, messages });
    expect(sent.messages).toEqual([{ role: "user", content: [{ type: "text", text: "look" }] }]);
    expect(sent.system).toBeUndefined();
  });
  it("a tag that quotes a provider without a key does not end the session", async () => {
    const content = "<CCR-SUBAGENT-MODEL>off,m</CCR-SUBAGENT-MODEL>";
    const decision = await decide({ messages: [{ role: "user", content }] });
    expect(decision.rule).toBe("default");
    expect(decision.request.messages[0]?.content).toBe(content);
  });
  it("a tag in a later message is only talk", async () => {
    const messages: Message[] = ["a", "b", `see ${tag}`].map((content) => ({ role: "user", content }));
    expect(await ruleOf({ messages })).toBe("default");
  });
  it("a tag with an unknown provider is left alone: documents quote it", async () => {
    const content = "<CCR-SUBAGENT-MODEL>provider,model</CCR-SUBAGENT-MODEL>";
    const decision = await decide({ messages: [{ role: "user", content }] });
    expect(decision.rule).toBe("default");
    expect(decision.request.messages[0]?.content).toBe(content);
  });
  it("the client's header decides where routes.subagent is set", async () => {
    const header = { "x-claude-code-agent-id": "a1" };
    expect(await ruleOf({}, usual, header)).toBe("default");
    expect(
      await targetsOf(
        {},
        testConfig(`${providers}routes: { default: "one,d", subagent: "Two,sub" }`),
        header,
      ),
    ).toEqual(["Two,sub"]);
  });
});

describe("background, webSearch, image", () => {
  it("a haiku model of Claude's goes to background", async () => {
    expect(await ruleOf({ model: "claude-haiku-4-5-20251001" })).toBe("background");
    expect(await ruleOf({ model: "my-haiku" })).toBe("default");
  });
  it("a web search tool goes to webSearch, a function of that name does not", async () => {
    expect(await ruleOf({ tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }] })).toBe(
      "webSearch",
    );
    expect(await ruleOf({ tools: [{ name: "web_search", input_schema: { type: "object" } }] })).toBe(
      "default",
    );
  });
  it("an image in the last user message goes to image where that route is set", async () => {
    const picture: Message = {
      role: "user",
      content: [{ type: "image", source: { type: "url", url: "https://x/y.png" } }],
    };
    const config = testConfig(`${providers}routes: { default: "one,d", image: "Two,eyes" }`);
    expect(await ruleOf({ messages: [picture] }, config)).toBe("image");
    expect(await ruleOf({ messages: [picture] })).toBe("default");
    expect(
      await ruleOf(
        { messages: [picture, { role: "assistant", content: "ok" }, { role: "user", content: "and now" }] },
        config,
      ),
    ).toBe("default");
    const result: Message = {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "t", content: picture.content as never }],
    };
    expect(await ruleOf({ messages: [result] }, config)).toBe("image");
  });
});

describe("think", () => {
  it("thinking that is disabled does not go to think", async () => {
    expect(await ruleOf({ thinking: { type: "disabled" } })).toBe("default");
  });
  it("thinking that is enabled does", async () => {
    expect(await ruleOf({ thinking: { type: "enabled", budget_tokens: 8000 } })).toBe("think");
    expect(await ruleOf({ thinking: { type: "enabled", budget_tokens: 8000 }, model: "glm-4.6" })).toBe(
      "think",
    );
  });
  it("adaptive thinking with the effort of every turn leaves something for default", async () => {
    expect(await ruleOf({ thinking: { type: "adaptive" }, output_config: { effort: "medium" } })).toBe(
      "default",
    );
    expect(await ruleOf({ thinking: { type: "adaptive" } })).toBe("default");
  });
  it("adaptive thinking with a high effort goes to think, for Claude's ids only", async () => {
    const fields = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };
    expect(await ruleOf(fields)).toBe("think");
    expect(await ruleOf({ ...fields, output_config: { effort: "max" } })).toBe("think");
    expect(await ruleOf({ ...fields, model: "glm-4.6" })).toBe("default");
  });
  it("minEffort moves the bar", async () => {
    const config = testConfig(
      `${providers}routes: { default: "one,d", think: { use: "one,t", minEffort: medium } }`,
    );
    expect(
      await ruleOf({ thinking: { type: "adaptive" }, output_config: { effort: "medium" } }, config),
    ).toBe("think");
    expect(await ruleOf({ thinking: { type: "adaptive" }, output_config: { effort: "low" } }, config)).toBe(
      "default",
    );
  });
});

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
