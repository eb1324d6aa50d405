/**
 * The conversation as contents. Google is strict (ai.google.dev/gemini-api/docs/function-calling): user and model alternate, a user begins
 * and ends, and a turn with function calls is followed at once by as many function responses.
 */
import { encodingOf, Kept, KeptParts } from "../../../conversation/lasting.ts";
import type { ContentBlock, Message, ToolResultBlock } from "../../../../protocol/anthropic.ts";
import type { GeminiContent, GeminiPart } from "../../../../protocol/gemini.ts";
import { blocksOf } from "../../shared/text.ts";
import type { EncodeContext } from "./context.ts";
import { modelTurn, type ModelTurn } from "./model-turn.ts";
import { userPart } from "./parts.ts";
import { functionResponse, type OpenCall, strayResult } from "./tool-results.ts";

/** Said in the user's place where the conversation does not begin or end with a user. */
const fillers = { first: "(The beginning of the conversation is missing.)", last: "Continue." };

/** Messages of one side in a row. System messages stand on the user's side: in `contents` there is no such role. */
interface Side {
  model: boolean;
  messages: Message[];
}

const sidesOf = (messages: readonly Message[]): Side[] => {
  const sides: Side[] = [];
  for (const message of messages) {
    const model = message.role === "assistant";
    const last = sides.at(-1);
    if (last?.model === model) last.messages.push(message);
    else sides.push({ model, messages: [message] });
  }
  return sides;
};

const encoded = new KeptParts<GeminiContent>();
const modelTurns = new Kept<ModelTurn>();

/** What is made of the messages of one side is kept with the last of them. */
const keptWith = ({ messages }: Side, beside: readonly unknown[]): readonly [Message, readonly unknown[]] => [
  messages.at(-1)!,
  [...beside, ...messages],
];

export const contentsOf = (messages: readonly Message[], context: EncodeContext): GeminiContent[] => {
  const out: GeminiContent[] = [];
  let calls = none;
  const beside = encodingOf(context.dialect);
  const say = (content: GeminiContent | undefined): void => {
    if (content === undefined) return;
    const { role } = content;
    const last = out.at(-1);
    // Contents may be kept: one that grows is another.
    if (last?.role === role) out[out.length - 1] = { role, parts: [...last.parts, ...content.parts] };
    else {
      if (out.length === 0 && role === "model") out.push({ role: "user", parts: [{ text: fillers.first }] });
      out.push(content);
    }
  };
  for (const side of sidesOf(messages)) {
    if (side.model) {
      const [last, all] = keptWith(side, beside);
      const turn = modelTurns.of(last, all, () => modelTurnOf(side, context));
      say(encoded.of(last, [...all, turn], () => contentOf("model", turn.parts))[0]);
      calls = turn.calls;
    } else {
      const asked = calls;
      const [last, all] = keptWith(side, [...beside, asked]);
      say(encoded.of(last, all, () => contentOf("user", userParts(side.messages, asked, context)))[0]);
      calls = none;
    }
  }
  if (calls.length > 0) say(contentOf("user", userParts([], calls, context))[0]);
  if (out.at(-1)?.role !== "user") out.push({ role: "user", parts: [{ text: fillers.last }] });
  return out;
};

const none: readonly OpenCall[] = [];

const modelTurnOf = (side: Side, context: EncodeContext): ModelTurn =>
  modelTurn(
    side.messages.flatMap((message) => blocksOf(message.content)),
    context,
  );

/** None where there is nothing to say. */
const contentOf = (role: GeminiContent["role"], parts: GeminiPart[]): GeminiContent[] =>
  parts.length === 0 ? [] : [{ role, parts }];

/** The responses to all calls, in the order of the calls, before everything else that the user's side says. */
const userParts = (
  messages: readonly Message[],
  calls: readonly OpenCall[],
  context: EncodeContext,
): GeminiPart[] => {
  const results = new Map<string, ToolResultBlock>();
  const open = new Set(calls.map((call) => call.id));
  const rest: GeminiPart[] = [];
  for (const message of messages) {
    const said: GeminiPart[] = [];
    for (const block of blocksOf(message.content)) {
      if (block.type === "tool_result" && open.has(block.tool_use_id) && !results.has(block.tool_use_id))
        results.set(block.tool_use_id, block);
      else said.push(...otherParts(block, context));
    }
    rest.push(...(message.role === "system" ? asReminder(said) : said));
  }
  const encoded = calls.map((call) => functionResponse(call, results.get(call.id), context));
  return [...encoded.map((one) => one.response), ...encoded.flatMap((one) => one.beside), ...rest];
};

const otherParts = (block: ContentBlock, context: EncodeContext): GeminiPart[] => {
  if (block.type === "tool_result") return strayResult(block, context);
  const part = userPart(block, context);
  return part === undefined ? [] : [part];
};

/** What the system says in the middle of a conversation, in the form in which the client itself does it. */
const asReminder = (parts: readonly GeminiPart[]): GeminiPart[] => {
  const texts = parts.map((part) => part.text).filter((text) => text !== undefined);
  if (texts.length === 0) return [];
  return [{ text: `<system-reminder>\n${texts.join("\n\n")}\n</system-reminder>` }];
};
