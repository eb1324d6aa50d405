/** Calls and reasoning that a model writes into its text, behind servers that leave them there. */
import { describe, expect, test } from "vitest";
import type { Quirks } from "../../../../src/config/types.ts";
import type { MessagesRequest } from "../../../../src/protocol/anthropic.ts";
import { openaiChat } from "../../../../src/router/dialects/openai-chat/index.ts";
import { chatStream, chunk, received } from "../../../support/chat-sse.ts";
import { decodeWhole } from "../../../support/dialect-context.ts";
import { everyByte } from "../../../support/rechunk.ts";

const request: MessagesRequest = {
  model: "m",
  messages: [],
  tools: [
    {
      name: "Write",
      input_schema: { type: "object", properties: { path: { type: "string" }, mode: { type: "integer" } } },
    },
  ],
};

/** The text in one delta, and in one for each character: both give the same. */
const answered = (text: string, quirks: Quirks, finish = "stop") => {
  const options = { quirks, request };
  const whole = received(chatStream([chunk({ content: text }), chunk({}, finish)]), options);
  const deltas = Array.from(text, (content) => chunk({ content }));
  const pieces = received(everyByte(chatStream([...deltas, chunk({}, finish)])), options);
  expect(pieces.text).toBe(whole.text);
  expect(pieces.thinking).toBe(whole.thinking);
  expect(pieces.tools.map(({ name, input }) => ({ name, input }))).toEqual(
    whole.tools.map(({ name, input }) => ({ name, input })),
  );
  return pieces;
};

describe("a call written as text is run, as it is written by", () => {
  const json = '{"path": "/a", "mode": 7}';
  const ds = (word: string): string => `<｜tool▁${word}｜>`;
  test.each([
    ["Hermes and Qwen", `<tool_call>{"name": "Write", "arguments": ${json}}</tool_call>`],
    [
      "models that write the arguments as a text",
      `<tool_call>{"name": "Write", "arguments": ${JSON.stringify(json)}}</tool_call>`,
    ],
    [
      "Qwen3-Coder without the tag around it",
      "<function=Write>\n<parameter=path>\n/a\n</parameter>\n<parameter=mode>\n7\n</parameter>\n</function>\n</tool_call>",
    ],
    ["Llama 3.1", `<function=Write>${json}</function>`],
    ["Llama 3 behind its tag", `<|python_tag|>{"name": "Write", "parameters": ${json}}<|eom_id|>`],
    ["Llama 3 up to the end", `<|python_tag|>{"name": "Write", "parameters": ${json}}`],
    ["Mistral as a list", `[TOOL_CALLS] [{"name": "Write", "arguments": ${json}}]`],
    ["newer Mistral models", `[TOOL_CALLS]Write[ARGS]${json}`],
    [
      "GLM",
      "<tool_call>Write\n<arg_key>path</arg_key>\n<arg_value>/a</arg_value>\n<arg_key>mode</arg_key>\n<arg_value>7</arg_value>\n</tool_call>",
    ],
    [
      "Kimi K2",
      `<|tool_calls_section_begin|><|tool_call_begin|>functions.Write:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
    ],
    [
      "DeepSeek V3 and R1",
      `${ds("calls▁begin")}${ds("call▁begin")}function${ds("sep")}Write\n\`\`\`json\n${json}\n\`\`\`${ds("call▁end")}${ds("calls▁end")}`,
    ],
    [
      "DeepSeek V3.1",
      `${ds("calls▁begin")}${ds("call▁begin")}Write${ds("sep")}${json}${ds("call▁end")}${ds("calls▁end")}`,
    ],
    [
      "MiniMax M2",
      '<minimax:tool_call>\n<invoke name="Write">\n<parameter name="path">/a</parameter>\n<parameter name="mode">7</parameter>\n</invoke>\n</minimax:tool_call>',
    ],
  ])("%s", (_, text) => {
    const answer = answered(`I write.\n${text}`, { textToolCalls: true });
    expect(answer.tools).toMatchObject([{ name: "Write", input: { path: "/a", mode: 7 } }]);
    expect(answer.text.trim()).toBe("I write.");
    expect(answer.stopReason).toBe("tool_use");
    const other = text.replaceAll("Write", "Erase");
    expect(answered(other, { textToolCalls: true }).tools).toEqual([]);
  });

  test("two in one section, and a section with one that is not known stays text", () => {
    const one = (name: string): string =>
      `<|tool_call_begin|>functions.${name}:0<|tool_call_argument_begin|>${json}<|tool_call_end|>`;
    const section = (...names: string[]): string =>
      `<|tool_calls_section_begin|>${names.map(one).join("")}<|tool_calls_section_end|>`;
    expect(answered(section("Write", "Write"), { textToolCalls: true }).tools).toHaveLength(2);
    const mixed = answered(section("Write", "Erase"), { textToolCalls: true });
    expect(mixed.tools).toEqual([]);
    expect(mixed.text).toBe(section("Write", "Erase"));
  });

  test.each([
    "use [TOOL_CALLS] there",
    "<|python_tag|> is a tag",
    "a <function=x> in C++",
    "1 < 2 [TOOL_",
    "<tool_call>Write</tool_call> <tool_call>Write down that</tool_call>",
  ])("words that only look like one lose no character: %s", (text) => {
    const answer = answered(text, { textToolCalls: true });
    if (answer.tools.length === 0) expect(answer.text).toBe(text);
    else expect(answer.text.trim()).toBe("<tool_call>Write down that</tool_call>");
  });
});

describe("reasoning between <think> tags", () => {
  const quirks: Quirks = { thinkTags: true, textToolCalls: true };

  test("at the beginning of the answer is thinking, and the answer begins with its words", () => {
    const answer = answered("\n<think>\nFirst a, then b.\n\nSo c.\n</think>\n\nIt is **c**.", quirks);
    expect(answer.thinking).toBe("First a, then b.\n\nSo c.");
    expect(answer.text).toBe("It is **c**.");
    expect(answer.blocks.map(({ type }) => type)).toEqual(["thinking", "text"]);
  });

  test("in an answer without a stream is the same", () => {
    const message = { content: "<think>\nhm\n</think>\n\nYes." };
    const answer = decodeWhole(openaiChat, { choices: [{ message, finish_reason: "stop" }] }, { quirks });
    expect(answer).toMatchObject({
      message: {
        content: [
          { type: "thinking", thinking: "hm" },
          { type: "text", text: "Yes." },
        ],
      },
    });
  });

  test.each([
    "The tag <think> opens it and </think> ends it.",
    "`<think>` is a tag",
    "<thinking>no</thinking>",
    "<thi",
    "  indented",
    "a </think> alone",
  ])("that the model only quotes stays as it is: %s", (text) => {
    const answer = answered(text, quirks);
    expect(answer.text).toBe(text);
    expect(answer.thinking).toBe("");
  });

  test("a second time is a quotation", () => {
    const answer = answered("<think>a</think>b <think>c</think>", quirks);
    expect(answer).toMatchObject({ thinking: "a", text: "b <think>c</think>" });
  });

  test("that holds nothing leaves no block", () => {
    const answer = answered("<think>\n\n</think>\n\nYes.", quirks);
    expect(answer.blocks).toHaveLength(1);
    expect(answer.text).toBe("Yes.");
  });

  test("that never ends is thinking all the same, in an answer that was cut", () => {
    const answer = answered("<think>\nstill at </thi", quirks, "length");
    expect(answer).toMatchObject({ thinking: "still at </thi", text: "", stopReason: "max_tokens" });
  });

  test("may be followed by a call in text; one inside of it is only thought of", () => {
    const call = '<tool_call>{"name": "Write", "arguments": {"path": "/a"}}</tool_call>';
    const answer = answered(`<think>I could ${call}</think>${call}`, quirks);
    expect(answer.tools).toHaveLength(1);
    expect(answer.thinking).toContain("I could <tool_call>");
  });

  test("stays text where the flag is not set", () => {
    expect(answered("<think>a</think>b", {}).text).toBe("<think>a</think>b");
  });
});
