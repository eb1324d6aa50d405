/** Hand-written checks for expectations in words, keyed by case. Each returns what is wrong, or undefined. */
import { at } from "../support/case-operators.ts";
import { outwardChecks } from "./case-prose-outward.ts";
import { responsesChecks } from "./case-prose-responses.ts";

type Check = (result: unknown) => string | undefined;

const request = "anthropic_request->openai_chat_request";
const stream = "openai_chat_stream->anthropic_stream";

interface Sent {
  messages: { role: string; content: unknown; tool_calls?: unknown[] }[];
  tools?: { type: string; function: { name: string } }[];
  [field: string]: unknown;
}

const unless = (good: boolean, problem: string): string | undefined => (good ? undefined : problem);
const text = (value: unknown): string => JSON.stringify(value) ?? "";
const accepted: Check = (result) => unless(at(result, "/status") === 200, `refused: ${text(result)}`);

export const proseChecks: Readonly<Record<string, Check>> = {
  ...responsesChecks,
  ...outwardChecks,
  [`${request}/mid-conversation-system`]: (result) => {
    const { messages } = result as Sent;
    const order = [messages[1], messages[2], messages[3], messages[4], messages[5]].map((message) =>
      text(message?.content),
    );
    const wanted = [
      "Hello",
      "String mid-conversation rule",
      "Hi there",
      "Array mid-conversation rule",
      "Follow up",
    ];
    return unless(
      wanted.every((words, i) => order[i]!.includes(words)),
      `order is ${order.join(" | ")}`,
    );
  },
  [`${request}/mid-conversation-system-vllm`]: (result) =>
    unless(!("tools" in (result as Sent)), "tools are sent though empty"),
  [`${request}/tool-result-image`]: (result) => {
    const { messages } = result as Sent;
    const last = messages.findLastIndex((message) => message.role === "tool");
    const holder = messages.findIndex(
      (message) =>
        Array.isArray(message.content) &&
        message.content.some(
          (part) =>
            at(part, "/type") === "image_url" && at(part, "/image_url/url") === "data:image/jpeg;base64,QUFB",
        ),
    );
    return unless(
      holder > last && messages[holder]?.role === "user",
      `the image is in message ${holder}, tool messages end at ${last}`,
    );
  },
  [`${request}/thinking-only-turn-dropped`]: (result) =>
    unless(
      (result as Sent).messages.every(
        (message) =>
          message.role !== "assistant" ||
          message.tool_calls !== undefined ||
          text(message.content).length > 2,
      ),
      "an empty assistant message is sent",
    ),
  [`${request}/anthropic-only-fields-dropped`]: (result) =>
    unless(!("top_k" in (result as Sent)), "top_k is sent"),
  [`${request}/web-search-server-tool`]: (result) => {
    const tools = (result as Sent).tools ?? [];
    const names = tools.map((tool) => tool.function.name);
    return unless(
      new Set(names).size === names.length && tools.every((tool) => tool.type === "function"),
      `tools are ${text(tools)}`,
    );
  },
  [`${stream}/eof-without-finish`]: (result) =>
    unless(
      at(result, "/last_type") === "error" &&
        at(result, "/counts/message_stop") === 0 &&
        at(result, "/error/type") === "api_error",
      `it ends with ${text(at(result, "/last_type"))}`,
    ),
  [`${stream}/tool-args-in-first-chunk`]: (result) => {
    const events = at(result, "/events") as { index?: number; delta?: { type?: string } }[];
    return unless(
      text(at(result, "/starts/1/content_block/input")) === "{}" &&
        events.some((event) => event.index === 1 && event.delta?.type === "input_json_delta"),
      "the arguments do not come as deltas",
    );
  },
  "openai_chat_response->anthropic_response/empty-choices": (result) => {
    const isMessage = at(result, "/type") === "message" && Array.isArray(at(result, "/content"));
    const isError =
      at(result, "/body/type") === "error" && typeof at(result, "/body/error/message") === "string";
    return unless((isMessage || isError) && !text(result).includes("    at "), `it is ${text(result)}`);
  },
  "upstream_error->anthropic_error/error-200-body": (result) =>
    unless(at(result, "/status") === 429, `status is ${text(at(result, "/status"))}`),
  "anthropic_request->gemini_request/tool-result-without-call": (result) =>
    unless(
      (at(result, "/contents") as unknown[]).length === 1 &&
        text(at(result, "/contents/0/parts/0/text")).includes("Sunny"),
      `it is sent as ${text(at(result, "/contents"))}`,
    ),
  "anthropic_request->gemini_request/signature-replay": (result) => {
    const parts = at(result, "/contents/1/parts") as unknown[];
    const call = parts.find((part) => at(part, "/functionCall") !== undefined);
    return unless(
      at(call, "/functionCall/name") === "Bash" &&
        at(call, "/functionCall/args/command") === "ls -R" &&
        at(call, "/thoughtSignature") === "sig-tool-1",
      `it goes back as ${text(parts)}`,
    );
  },
  "tool_input_schema->gemini_schema/recursive-ref": (result) =>
    unless(
      at(result, "/properties/node/properties/child/type") === "object" &&
        text(at(result, "/properties/node/properties/child/description")).includes("Node") &&
        !text(result).includes("$ref"),
      `it became ${text(result)}`,
    ),
  "tool_input_schema->gemini_schema/integer-enum": (result) =>
    unless(
      at(result, "/properties/i/type") === "integer" &&
        at(result, "/properties/i/enum") === undefined &&
        text(at(result, "/properties/i/description")).includes("[1,2]"),
      `it became ${text(result)}`,
    ),
  "anthropic_request->validation/tool-use-empty-input-ok": accepted,
  "anthropic_request->validation/thinking-empty-ok": accepted,
  "anthropic_request->validation/unknown-block-type-ok": accepted,
};
