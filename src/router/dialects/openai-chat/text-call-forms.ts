/**
 * How models write calls into their text where no parser of the server takes them out: one entry for each form, by the tag that opens it. The forms
 * are those of the models' own chat templates.
 */
import type { Tool } from "../../../protocol/anthropic.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../../shared/json.ts";

export type Tools = ReadonlyMap<string, Tool>;

export interface WrittenCall {
  name: string;
  input: JsonObject;
}

export interface TextCallForm {
  readonly opening: string;
  /** The first of these ends it; with none of them it goes on to the end of the answer. */
  readonly closings: readonly string[];
  /** A tag that may be left over behind it. */
  readonly leftOver?: string;
  /** What stands between the tags as calls; undefined or empty where it is something else. */
  read(body: string, tools: Tools): readonly (WrittenCall | undefined)[] | undefined;
}

/** `{"name": …, "arguments" or "parameters": {…}}`. Arguments may be JSON in a text. */
const fromObject = (call: unknown): WrittenCall | undefined => {
  if (!isJsonObject(call) || typeof call["name"] !== "string") return undefined;
  const said: unknown = call["arguments"] ?? call["parameters"] ?? {};
  const input = typeof said === "string" ? parseJsonObject(said) : said;
  return isJsonObject(input) ? { name: call["name"], input } : undefined;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const named = (name: string | undefined, json: string): WrittenCall | undefined => {
  const input = parseJsonObject(json.trim());
  return name === undefined || input === undefined ? undefined : { name, input };
};

/** A value is written bare: text where the schema says so or says nothing, else JSON where it is that. */
const valueOf = (text: string, name: string, key: string, tools: Tools): unknown => {
  const properties = tools.get(name)?.input_schema?.["properties"];
  const schema = isJsonObject(properties) ? properties[key] : undefined;
  const type: unknown = isJsonObject(schema) ? schema["type"] : undefined;
  if (type === undefined || type === "string") return text;
  return parse(text) ?? text;
};

/** @param pairs matches key and value, in this order */
const fromTags = (name: string, body: string, pairs: RegExp, tools: Tools): WrittenCall => {
  const input: JsonObject = {};
  for (const [, key, value] of body.matchAll(pairs)) input[key!] = valueOf(value!, name, key!, tools);
  return { name, input };
};

const qwenParameters = /<parameter=([^>\s]+)>\n?([\s\S]*?)\n?<\/parameter>/g;
const invokeParameters = /<parameter name="([^"]+)"[^>]*>\n?([\s\S]*?)\n?<\/parameter>/g;
const glmArguments = /<arg_key>\s*([\s\S]*?)\s*<\/arg_key>\s*<arg_value>\n?([\s\S]*?)\n?<\/arg_value>/g;

/** The inside of `<function=NAME>…</function>`: parameters as tags (Qwen3-Coder), or JSON (Llama 3.1). */
const fromFunction = (body: string, tools: Tools): WrittenCall | undefined => {
  const [, name, inner] = /^([^>\s]+)>([\s\S]*)$/.exec(body) ?? [];
  if (name === undefined) return undefined;
  return inner!.trimStart().startsWith("{")
    ? named(name, inner!)
    : fromTags(name, inner!, qwenParameters, tools);
};

/** The inside of `<tool_call>`: JSON (Hermes, Qwen), a function's tag (Qwen3-Coder), or a name and pairs (GLM 4.5 and later). */
const fromToolCall = (body: string, tools: Tools): WrittenCall | undefined => {
  const text = body.trim();
  if (text.startsWith("{")) return fromObject(parse(text));
  const inner = /^<function=([\s\S]*)<\/function>$/.exec(text)?.[1];
  if (inner !== undefined) return fromFunction(inner, tools);
  const name = /^[\w.:-]+/.exec(text)?.[0];
  return name !== undefined && tools.has(name) && /^\s*(?:<arg_key>|$)/.test(text.slice(name.length))
    ? fromTags(name, text, glmArguments, tools)
    : undefined;
};

const all = (text: string, pattern: RegExp): RegExpExecArray[] => [...text.matchAll(pattern)];

export const textCallForms: readonly TextCallForm[] = [
  {
    // Hermes, Qwen 2.5 and 3, GLM, and many after them
    opening: "<tool_call>",
    closings: ["</tool_call>"],
    read: (body, tools) => [fromToolCall(body, tools)],
  },
  {
    // Qwen3-Coder, which often leaves the tag around it out, and Llama 3.1
    opening: "<function=",
    closings: ["</function>"],
    leftOver: "</tool_call>",
    read: (body, tools) => [fromFunction(body.replace(/<\/function>\s*$/, ""), tools)],
  },
  {
    // Kimi K2: the id holds the name, `functions.NAME:0`
    opening: "<|tool_calls_section_begin|>",
    closings: ["<|tool_calls_section_end|>"],
    read: (body) =>
      all(
        body,
        /<\|tool_call_begin\|>\s*(?:functions\.)?([^<:\s]+)(?::\d+)?\s*<\|tool_call_argument_begin\|>([\s\S]*?)<\|tool_call_end\|>/g,
      ).map(([, name, json]) => named(name, json!)),
  },
  {
    // DeepSeek V3 and R1 (`function`, separator, name, fenced JSON), V3.1 (name, separator, JSON)
    opening: "<｜tool▁calls▁begin｜>",
    closings: ["<｜tool▁calls▁end｜>"],
    read: (body) =>
      all(
        body,
        /<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>\s*(\S+)\s*```json\s*([\s\S]*?)\s*```|([^<]+)<｜tool▁sep｜>([\s\S]*?))\s*<｜tool▁call▁end｜>/g,
      ).map(([, old, fenced, name, json]) => named((old ?? name)?.trim(), fenced ?? json ?? "")),
  },
  {
    // MiniMax M2
    opening: "<minimax:tool_call>",
    closings: ["</minimax:tool_call>"],
    read: (body, tools) =>
      all(body, /<invoke name="([^"]+)">([\s\S]*?)<\/invoke>/g).map(([, name, inner]) =>
        fromTags(name!, inner!, invokeParameters, tools),
      ),
  },
  {
    // Llama 3: one object, up to the end of the message
    opening: "<|python_tag|>",
    closings: ["<|eom_id|>", "<|eot_id|>"],
    read: (body) =>
      body
        .trim()
        .split(/(?<=\})\s*;\s*(?=\{)/)
        .map((one) => fromObject(parse(one))),
  },
  {
    // Mistral: a list, or since 2025 a name and its arguments for each call
    opening: "[TOOL_CALLS]",
    closings: ["</s>"],
    read: (body) => {
      const text = body.trim();
      const list = parse(text);
      if (Array.isArray(list)) return list.map(fromObject);
      return text
        .split("[TOOL_CALLS]")
        .map((one) => /^\s*([\w.-]+)(?:\[CALL_ID\]\w+)?\[ARGS\]([\s\S]*)$/.exec(one))
        .map((found) => (found === null ? undefined : named(found[1], found[2]!)));
    },
  },
];
