/** Tagged subagents, and those that the client tells of. */
import { describe, expect, it } from "vitest";
import { targetName } from "../../../src/config/types.ts";
import type { Message, MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { testConfig } from "../../support/config.ts";
import { providers, usual, request, decide, ruleOf, targetsOf } from "../../support/rules.ts";

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
