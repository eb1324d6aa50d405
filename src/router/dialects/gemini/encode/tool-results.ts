/** Results of tools as function responses. */
import type { ContentBlock, ToolResultBlock } from "../../../../protocol/anthropic.ts";
import type { GeminiBlob, GeminiPart } from "../../../../protocol/gemini.ts";
import { textOf } from "../../shared/text.ts";
import { toProviderToolId } from "../../shared/tool-ids.ts";
import { toProviderName } from "../tool-names.ts";
import type { EncodeContext } from "./context.ts";
import { documentPart, imagePart } from "./parts.ts";

/** A call of the turn before, as the client knows it. */
export interface OpenCall {
  readonly id: string;
  readonly name: string;
}

export interface EncodedResult {
  response: GeminiPart;
  /** Images and files that older models take beside the responses only. */
  beside: GeminiPart[];
}

const words = (content: unknown, media: GeminiPart[], context: EncodeContext): string => {
  if (typeof content === "string") return content;
  if (!Array.isArray(content))
    return typeof content === "object" && content !== null ? JSON.stringify(content) : "";
  const texts: string[] = [];
  for (const block of content as ContentBlock[]) {
    if (typeof block !== "object" || block === null) continue;
    if (block.type === "image" || block.type === "document") {
      const part = block.type === "image" ? imagePart(block, context) : documentPart(block);
      if (part.text === undefined) media.push(part);
      else texts.push(part.text);
    } else {
      const said = textOf(block);
      if (said !== "") texts.push(said);
    }
  }
  return texts.join("\n");
};

/**
 * The response to a call. `output` and `error` are the names that Google documents for what a function said and for what went wrong.
 * @param block undefined where the conversation holds no result: every call must have one
 */
export const functionResponse = (
  call: OpenCall,
  block: ToolResultBlock | undefined,
  context: EncodeContext,
): EncodedResult => {
  const media: GeminiPart[] = [];
  const said = block === undefined ? "The call has no result." : words(block.content, media, context);
  const inside: { inlineData: GeminiBlob }[] = [];
  const beside: GeminiPart[] = [];
  for (const part of media) {
    if (context.third && part.inlineData !== undefined) inside.push({ inlineData: part.inlineData });
    else beside.push(part);
  }
  if (beside.length > 0) beside.unshift({ text: `[attachment of the result of ${call.name}]` });
  const failed = block === undefined || block.is_error === true;
  return {
    response: {
      functionResponse: {
        ...idOf(call.id, context),
        name: toProviderName(call.name),
        response: failed ? { error: said } : { output: said },
        ...(inside.length > 0 && { parts: inside }),
      },
    },
    beside,
  };
};

/** The id of a call, for the call and for its response, where the provider takes one. */
export const idOf = (id: string, context: EncodeContext): { id?: string } =>
  context.dialect.provider.quirks.noToolCallIds === true ? {} : { id: toProviderToolId(id, context.dialect) };

/** A result whose call is not in the conversation: without a name it cannot be a function response. */
export const strayResult = (block: ToolResultBlock, context: EncodeContext): GeminiPart[] => {
  const media: GeminiPart[] = [];
  const said = words(block.content, media, context);
  return [{ text: `[result of a tool call that is not shown]\n${said}`.trimEnd() }, ...media];
};
