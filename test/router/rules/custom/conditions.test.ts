import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Config } from "../../../../src/config/types.ts";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import type { Asker } from "../../../../src/router/rules/rule.ts";
import { route, type Decision } from "../../../../src/router/rules/index.ts";
import { customRules } from "../../../../src/router/rules/custom/index.ts";
import { decide, request, ruleOf, targetsOf, withRoutes } from "../../../support/rules.ts";

/** One rule, named `mine`, with these conditions. */
const mine = (when: string, more = ""): Config =>
  withRoutes(`rules: [{ name: mine, when: ${when}, use: ["one,mine", "Two,mine"] }]\n${more}`);

const explained = (
  fields: Partial<MessagesRequest>,
  config: Config,
  options: { headers?: Record<string, string>; asker?: Asker; warn?: (text: string) => void } = {},
): Promise<Decision> => {
  const { headers = {}, ...more } = options;
  const asked = request(fields);
  return route(asked, headers, config, { rawBytes: JSON.stringify(asked).length, explain: true, ...more });
};
const reasonOf = async (...args: Parameters<typeof explained>): Promise<string | undefined> =>
  (await explained(...args)).why.find(({ rule }) => rule === "custom:mine")?.reason;

const user = (
  content: MessagesRequest["messages"][number]["content"],
): MessagesRequest["messages"][number] => ({
  role: "user",
  content,
});
const png = {
  type: "image" as const,
  source: { type: "base64" as const, media_type: "image/png", data: "AAAA" },
};

describe("rules of one's own", () => {
  test("go before all others, with their own targets alone", async () => {
    const config = mine('{ model: "*" }');
    expect(await ruleOf({ model: "Two,other" }, config)).toBe("custom:mine");
    expect(await targetsOf({ model: "Two,other" }, config)).toEqual(["one,mine", "Two,mine"]);
  });

  test("are asked in their order, and where none holds the built-in ones decide", async () => {
    const config = withRoutes(`rules:
  - { when: { model: "*opus*" }, use: "one,first" }
  - { when: { model: "claude-*" }, use: "one,second" }
`);
    expect(await targetsOf({ model: "claude-opus-5" }, config)).toEqual(["one,first"]);
    expect(await targetsOf({ model: "claude-sonnet-5" }, config)).toEqual(["one,second"]);
    expect(await ruleOf({ model: "claude-sonnet-5" }, config)).toBe("custom:2");
    expect(await ruleOf({ model: "Two,gpt" }, config)).toBe("explicit");
  });

  test("of providers without a key are passed over", async () => {
    const config = withRoutes('rules: [{ name: mine, when: { model: "*" }, use: "off,x" }]');
    expect(await ruleOf({}, config)).toBe("default");
    expect(await reasonOf({}, config)).toBe("its conditions hold, but no provider of off,x is enabled");
  });

  test("a tag of a subagent is taken out also where a rule of one's own decides", async () => {
    const messages = [user("<CCR-SUBAGENT-MODEL>one,x</CCR-SUBAGENT-MODEL>look")];
    const { rule, request: sent } = await decide({ messages }, mine('{ model: "*" }'));
    expect([rule, sent.messages[0]?.content]).toEqual(["custom:mine", "look"]);
  });

  test("every condition that does not hold is explained", async () => {
    const config = mine(
      "{ model: gpt-*, tools: [Bash], images: true, subagent: true, session: s1, thinking: true }",
    );
    expect(await reasonOf({}, config)).toBe(
      "the model is not gpt-*; no subagent asks; there is no id of a session; thinking is not asked for; no tool is called Bash; there is no image",
    );
  });

  test("the first count that stops early does not spoil the next rule's", async () => {
    const words = "many words of a text ".repeat(300);
    const config = mine("{ tokens: { under: 50 } }");
    expect(await ruleOf({ messages: [user(words.repeat(3))] }, config)).toBe("longContext");
    expect(await ruleOf({ messages: [user(words)] }, config)).toBe("default");
    expect(await ruleOf({ messages: [user("few words")] }, config)).toBe("custom:mine");
  });
});

describe("a condition holds or not:", () => {
  type Case = [string, string, Partial<MessagesRequest>, Record<string, string>, boolean];
  const agent = { "x-claude-code-agent-id": "A1" };
  const tools = [{ name: "mcp__db__query" }, { type: "web_search_20250305", name: "web_search" }];
  const afterTools = [
    user([
      { type: "text", text: "<system-reminder>review\nthis</system-reminder>" },
      { type: "text", text: "Fix it" },
    ]),
    { role: "assistant" as const, content: [{ type: "tool_use" as const, id: "t", name: "x", input: {} }] },
    user([
      { type: "tool_result", tool_use_id: "t", content: "review" },
      { type: "text", text: "<system-reminder>review</system-reminder>" },
    ]),
  ];
  const cases: Case[] = [
    ["a model by its name, letter case aside", "{ model: CLAUDE-OPUS-5-5 }", {}, {}, true],
    ["a model by the beginning of its name", "{ model: claude-* }", {}, {}, true],
    ["half a name without a star", "{ model: claude }", {}, {}, false],
    ["a model with the client's suffix", "{ model: claude-x }", { model: "claude-x[1m]" }, {}, true],
    ["any of a list", "{ model: [gpt-*, '*opus*'] }", {}, {}, true],
    ["a regular expression", "{ model: '/^claude-(opus|fable)/' }", {}, {}, true],
    ["a regular expression, letter case as it is", "{ model: '/^Claude/' }", {}, {}, false],
    [
      "words of the system prompt",
      "{ system: file search }",
      { system: [{ type: "text", text: "A File Search expert" }] },
      {},
      true,
    ],
    [
      "words of the client's own system message",
      "{ system: environment }",
      { messages: [{ role: "system", content: "# Environment" }, user("x")] },
      {},
      true,
    ],
    [
      "words that the user did not say last",
      "{ lastUser: first }",
      { messages: [user("first"), user("second")] },
      {},
      false,
    ],
    [
      "the user's words, through the tool calls that follow",
      "{ lastUser: fix it }",
      { messages: afterTools },
      {},
      true,
    ],
    [
      "words of a reminder or of a tool's result",
      "{ lastUser: review }",
      { messages: afterTools },
      {},
      false,
    ],
    [
      "tokens over",
      "{ tokens: { over: 5 } }",
      { messages: [user("one two three four five six seven")] },
      {},
      true,
    ],
    ["tokens not over", "{ tokens: { over: 5000 } }", {}, {}, false],
    [
      "tokens within",
      "{ tokens: { over: 5, under: 100 } }",
      { messages: [user("one two three four five six seven")] },
      {},
      true,
    ],
    ["a tool by a star", "{ tools: 'mcp__*' }", { tools }, {}, true],
    ["any tool", "{ tools: true }", {}, {}, false],
    ["no tool", "{ tools: false }", {}, {}, true],
    [
      "an image in an earlier tool result",
      "{ images: true }",
      { messages: [user([{ type: "tool_result", tool_use_id: "t", content: [png] }]), user("and?")] },
      {},
      true,
    ],
    ["no image", "{ images: false }", { messages: [user([png])] }, {}, false],
    [
      "thinking on purpose",
      "{ thinking: true }",
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      {},
      true,
    ],
    ["no thinking on purpose", "{ thinking: false }", {}, {}, true],
    ["a subagent", "{ subagent: true }", {}, agent, true],
    ["the client itself", "{ subagent: false }", {}, agent, false],
    ["an agent by its id", "{ agent: a* }", {}, agent, true],
    ["a session by its id", "{ session: [s1, s2] }", {}, { "x-claude-code-session-id": "s2" }, true],
    ["a header by its value", "{ header: { X-Team: blue } }", {}, { "x-team": "Blue" }, true],
    ["a header that must not be there", "{ header: { x-team: false } }", {}, { "x-team": "blue" }, false],
    [
      "two headers, one of them missing",
      "{ header: { x-team: true, x-other: true } }",
      {},
      { "x-team": "blue" },
      false,
    ],
    ["all conditions but one", "{ model: claude-*, tools: true }", {}, {}, false],
  ];
  test.each(cases)("%s", async (_name, when, fields, headers, holds) => {
    expect(await ruleOf(fields, mine(when), headers)).toBe(holds ? "custom:mine" : "default");
  });

  test("hours by the clock of their zone, on both sides of daylight saving", async () => {
    const config = mine("{ hours: '09:00-18:00', timezone: Europe/Berlin }");
    const at = async (now: string): Promise<string | undefined> =>
      (await explained({}, config, { asker: { now: Date.parse(now) } })).rule;
    expect(await at("2026-07-01T07:30:00Z")).toBe("custom:mine");
    expect(await at("2026-12-01T07:30:00Z")).toBe("default");
    expect(await at("2026-12-01T08:30:00Z")).toBe("custom:mine");
  });

  test("a profile, and its absence", async () => {
    const config = mine("{ profile: team-* }");
    expect((await explained({}, config, { asker: { now: 0, profile: "team-a" } })).rule).toBe("custom:mine");
    expect(await reasonOf({}, config)).toBe("there is no profile");
  });
});

describe("a pattern that backtracks without end", () => {
  const evil = `${"a".repeat(60)}!`;

  test("is ended, counts as not found, is told once, and rests for a minute", async () => {
    const config = mine("{ lastUser: '/^(a+)+$/' }");
    const told: string[] = [];
    const ask = (now: number, text = evil): Promise<string | undefined> =>
      reasonOf({ messages: [user(text)] }, config, { asker: { now }, warn: (line) => told.push(line) });
    expect(await ask(0)).toBe("/^(a+)+$/ takes too long and is left out for a minute");
    expect(await ask(59_000, "aaa")).toBe("/^(a+)+$/ takes too long and is left out for a minute");
    expect(told).toEqual([
      "rule custom:mine: the pattern /^(a+)+$/ took too long, and is left out for a minute",
    ]);
    expect(await ask(61_000, "aaa")).toBe("all of its conditions hold");
  });
});

describe("patterns agree with what they stand for", () => {
  test("a name with stars is the regular expression that one would write for it", async () => {
    const part = fc.stringMatching(/^[ab/.]{0,4}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.stringMatching(/^[ab/.]{1,8}$/),
        async (parts, model) => {
          const glob = parts.join("*");
          // Between slashes it would be a regular expression.
          fc.pre(glob !== "" && !/^\/.+\//.test(glob));
          const same = new RegExp(`^${parts.map((text) => text.replaceAll(".", "\\.")).join(".*")}$`);
          const config = mine(`{ model: ${JSON.stringify(glob)} }`);
          expect(await ruleOf({ model }, config)).toBe(same.test(model) ? "custom:mine" : "default");
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test("whatever a client sends as messages, system and tools, a rule fails no turn", async () => {
    const config = mine(
      "{ system: ZZ, lastUser: ZZ, tools: ZZ, images: true, thinking: true, model: ZZ, session: ZZ }",
    );
    const junk = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.integer(),
      fc.record({ type: fc.constantFrom("text", "image", "x") }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk), fc.array(junk), async (content, other) => {
        const fields = {
          messages: [
            { role: "user", content },
            { role: "system", content: other },
          ],
          system: other,
          tools: other,
        } as unknown as Partial<MessagesRequest>;
        const asked = request(fields);
        const [rule] = customRules(config, undefined, () => undefined);
        const verdict = await rule!.decide({
          request: asked,
          model: asked.model,
          headers: {},
          config,
          asker: { now: 0 },
          explain: true,
          rawBytes: 100,
          countTokens: () => Promise.resolve(0),
        });
        expect(verdict.matched).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
