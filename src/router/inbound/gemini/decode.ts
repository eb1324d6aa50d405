/** A request of generateContent, streamGenerateContent or countTokens (ai.google.dev/api/generate-content) as a hub request. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { Conversation, textBlocks } from "../shared/conversation.ts";
import { Beyond, refuse } from "../shared/refusal.ts";
import { Contents } from "./contents.ts";
import { camelOf, field, listOf } from "./fields.ts";
import { generationOf, wantsThoughts } from "./generation.ts";
import { plainBlocks } from "./parts.ts";
import { geminiToolsOf } from "./tools.ts";

export interface DecodedGemini {
  readonly request: MessagesRequest;
  readonly beyond: Beyond;
  /** The client asked to see thoughts. */
  readonly showThoughts: boolean;
}

/** Fields at the top that the hub carries; `model` stands in the path. */
export const carriedFields: ReadonlySet<string> = new Set([
  "model",
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
]);

export interface AskedGemini {
  /** As the path names it. */
  readonly model: string;
  readonly stream: boolean;
  /** Of the body's text, for cache markers. */
  readonly size: number;
}

/**
 * @param body the parsed JSON
 * @throws SwitchyardError request.malformed, with what is wrong and where
 */
export const decodeGeminiRequest = (body: unknown, { model, stream, size }: AskedGemini): DecodedGemini => {
  if (!isJsonObject(body)) return refuse("a JSON object was expected");
  const given = listOf(body["contents"]);
  if (given.length === 0) return refuse("contents: at least one content is needed");
  const beyond = new Beyond();
  const conversation = new Conversation();
  addSystem(conversation, field(body, "systemInstruction"), beyond);
  const contents = new Contents(conversation, beyond);
  for (const [i, content] of given.entries()) contents.add(content, `contents.${i}`);
  contents.end();
  const { tools, fields } = geminiToolsOf(body, beyond);
  note(body, beyond);
  const request: MessagesRequest = {
    model,
    ...conversation.finish(size),
    ...(tools.length > 0 && { tools }),
    ...fields,
    ...generationOf(body, beyond),
    ...(stream && { stream }),
  };
  return { request, beyond, showThoughts: wantsThoughts(body) };
};

/** A content, or its text alone. */
const addSystem = (conversation: Conversation, instruction: unknown, beyond: Beyond): void => {
  if (typeof instruction === "string") return conversation.system(textBlocks(instruction));
  if (!isJsonObject(instruction)) return undefined;
  const parts = listOf(instruction["parts"]).filter(isJsonObject);
  return conversation.system(
    parts
      .flatMap((part, i) => plainBlocks(part, `systemInstruction.parts.${i}`, beyond))
      .filter((block) => block.type === "text"),
  );
};

/** What the hub has no place for. */
const note = (body: JsonObject, beyond: Beyond): void => {
  for (const [written, value] of Object.entries(body)) {
    const name = camelOf(written);
    if (carriedFields.has(name) || value === null || (Array.isArray(value) && value.length === 0)) continue;
    if (name === "cachedContent")
      beyond.unsupported.add("cachedContent (nothing is stored here: send the whole conversation)");
    else beyond.ignored.add(name);
  }
};
