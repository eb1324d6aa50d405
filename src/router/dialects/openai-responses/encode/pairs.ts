/** Calls and their results, as the API wants them: each call has an output, and each output a call before it. */
import type {
  ResponsesFunctionCallOutput,
  ResponsesInputItem,
} from "../../../../protocol/openai-responses.ts";
import { noResult, strayHeading } from "../../shared/unpaired.ts";
import { inputText } from "./content.ts";

/** Tells what an earlier call gave, where the call itself is gone. */
const asUser = ({ output }: ResponsesFunctionCallOutput): ResponsesInputItem => ({
  type: "message",
  role: "user",
  content: [inputText(strayHeading), ...(typeof output === "string" ? [inputText(output)] : output)],
});

/**
 * The items with a note in the place of each missing output, behind the calls that were made together, and stray outputs as a user's words. OpenAI
 * answers 400 to both ("No tool output found for function call", "No tool call found for function call output"), and would to every later turn. An item
 * alone is no such history: it goes as it is.
 */
export const pairedItems = (items: readonly ResponsesInputItem[]): ResponsesInputItem[] => {
  if (items.length < 2) return [...items];
  const open = new Set<string>();
  const paired = items.map((item) => {
    if (item.type === "function_call") open.add(item.call_id);
    if (item.type !== "function_call_output") return item;
    return open.delete(item.call_id) ? item : asUser(item);
  });
  if (open.size === 0) return paired;
  const out: ResponsesInputItem[] = [];
  let missing: ResponsesInputItem[] = [];
  for (const [i, item] of paired.entries()) {
    out.push(item);
    if (item.type !== "function_call") continue;
    if (open.has(item.call_id))
      missing.push({ type: "function_call_output", call_id: item.call_id, output: noResult });
    if (paired[i + 1]?.type === "function_call") continue;
    out.push(...missing);
    missing = [];
  }
  return out;
};
