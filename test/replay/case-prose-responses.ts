/** Hand-written checks for expectations in words of the cases about OpenAI Responses; see case-prose.ts. */
import { at } from "../support/case-operators.ts";

type Check = (result: unknown) => string | undefined;

const request = "anthropic_request->openai_responses_request";

const text = (value: unknown): string => JSON.stringify(value) ?? "";
const unless = (good: boolean, problem: string): string | undefined => (good ? undefined : problem);
const inputOf = (result: unknown): { type?: string; role?: string }[] =>
  (at(result, "/input") ?? []) as { type?: string; role?: string }[];

export const responsesChecks: Readonly<Record<string, Check>> = {
  [`${request}/mid-conversation-system`]: (result) => {
    const said = inputOf(result).map(text);
    const wanted = ["hello", "Follow the project instructions", "ok", "Use the current repo"];
    const instructions = text(at(result, "/instructions"));
    return unless(
      said.length === wanted.length &&
        wanted.every((words, i) => said[i]!.includes(words)) &&
        !instructions.includes("project") &&
        !instructions.includes("repo"),
      `the input is ${said.join(" | ")}`,
    );
  },
  [`${request}/item-order`]: (result) => {
    const order = inputOf(result).map((item) =>
      item.type === "message" ? /before tool|after tool|continue/.exec(text(item))?.[0] : item.type,
    );
    const wanted = ["before tool", "function_call", "after tool", "function_call_output", "continue"];
    return unless(text(order) === text(wanted), `the order is ${order.join(", ")}`);
  },
  [`${request}/encrypted-reasoning-round-trip`]: (result) => {
    const wanted = {
      type: "reasoning",
      id: "rs_123",
      summary: [{ type: "summary_text", text: "Need a tool." }],
      encrypted_content: "opaque-ciphertext",
    };
    const first = at(result, "/request/input/0") as Record<string, unknown> | undefined;
    const same =
      first !== undefined &&
      Object.entries(wanted).every(([field, value]) => text(first[field]) === text(value)) &&
      Object.keys(first).length === Object.keys(wanted).length;
    return unless(
      at(result, "/answer/content/0/type") === "thinking" &&
        String(at(result, "/answer/content/0/signature")).length > 1 &&
        same &&
        at(result, "/request/input/1/type") === "function_call",
      `what goes back is ${text(at(result, "/request/input"))}`,
    );
  },
  "openai_responses_stream->anthropic_stream/reasoning-signature": (result) => {
    const events = at(result, "/events") as { type: string; delta?: { type: string } }[];
    const sealed = events.findIndex((event) => event.delta?.type === "signature_delta");
    return unless(
      sealed > 0 && events[sealed + 1]?.type === "content_block_stop",
      "the signature is not last in its block",
    );
  },
};
