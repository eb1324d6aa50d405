/** A whole answer of a provider that speaks Anthropic's form without being Anthropic. */
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { MessageSink } from "../dialect.ts";
import { stopReasonOf, textOf, toolId, wholeInput } from "./blocks.ts";
import { failureOfErrorEvent, notUnderstood } from "./failures.ts";
import { headOf } from "./head.ts";
import { mergeUsage } from "./usage.ts";

export const relayMessage = (body: unknown, sink: MessageSink): void => {
  if (!isJsonObject(body) || !Array.isArray(body["content"])) {
    if (isJsonObject(body) && (isJsonObject(body["error"]) || typeof body["error"] === "string"))
      sink.fail(failureOfErrorEvent(body));
    else sink.fail(notUnderstood(JSON.stringify(body)));
    return;
  }
  const usage = mergeUsage({ input_tokens: 0, output_tokens: 0 }, body["usage"]);
  const blocks = (body["content"] as unknown[]).filter(isJsonObject);
  const unnamed = blocks.some((block) => block["type"] === "tool_use" && textOf(block["name"]) === "");
  if (unnamed) return sink.fail(notUnderstood("a tool call without a name"));
  sink.start({
    ...headOf(body),
    usage,
  });
  for (const block of blocks) relayBlock(block, sink);
  const called = blocks.some((block) => block["type"] === "tool_use");
  const results: unknown = body["safeguard_results"];
  return sink.finish({
    stopReason: stopReasonOf(textOf(body["stop_reason"]), called),
    stopSequence: typeof body["stop_sequence"] === "string" ? body["stop_sequence"] : null,
    usage,
    ...(Array.isArray(results) && { safeguardResults: results }),
  });
};

const relayBlock = (block: JsonObject, sink: MessageSink): void => {
  const { type } = block;
  sink.endBlock();
  if (typeof type !== "string") return;
  if (type === "text") {
    relayText(block, sink);
  } else if (type === "thinking") {
    sink.thinking(textOf(block["thinking"]));
    sink.signature(textOf(block["signature"]));
  } else if (type === "tool_use") {
    sink.toolStart(toolId(block["id"]), textOf(block["name"]));
    sink.toolInput(wholeInput(block["input"]) ?? "");
  } else if (isJsonObject(block["input"])) {
    // A client of a stream reads arguments from deltas only.
    sink.openBlock({ ...block, type, input: {} });
    sink.delta({ type: "input_json_delta", partial_json: wholeInput(block["input"]) ?? "" });
  } else {
    sink.block({ ...block, type });
  }
  sink.endBlock();
};

const relayText = (block: JsonObject, sink: MessageSink): void => {
  const text = textOf(block["text"]);
  const citations: unknown = block["citations"];
  if (text !== "" && Array.isArray(citations)) sink.openBlock({ type: "text", text: "", citations: [] });
  sink.text(text);
  if (text === "" || !Array.isArray(citations)) return;
  for (const citation of citations as unknown[]) sink.delta({ type: "citations_delta", citation });
};
