/** Background work, searches, images, thinking: what the client sends is imitated by hand. */
import { describe, expect, it } from "vitest";
import type { Message } from "../../../src/protocol/anthropic.ts";
import { testConfig } from "../../support/config.ts";
import { providers, ruleOf } from "../../support/rules.ts";

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
