/** A hub request as a generateContent request. Only what is named here is sent: unknown fields of Anthropic's never leave. */
import type { MessagesRequest, TextBlock } from "../../../../protocol/anthropic.ts";
import type { GeminiPart, GeminiRequest } from "../../../../protocol/gemini.ts";
import { isJsonObject } from "../../../../shared/json.ts";
import type { DialectContext, EncodedRequest } from "../../dialect.ts";
import { formatOf, knownFormats, withKnownFormat } from "../../shared/answer-format.ts";
import { jsonBody } from "../../shared/json-body.ts";
import { textOf, withoutBilling } from "../../shared/text.ts";
import { mostStops } from "../models.ts";
import { searchWishes } from "../search-wishes.ts";
import { contentsOf } from "./contents.ts";
import { type EncodeContext, encodeContext } from "./context.ts";
import { answerSchema } from "./schema.ts";
import { thinkingConfig } from "./thinking.ts";
import { encodeTools } from "./tools.ts";

/** See `HttpDialect.encode`. */
export const encode = (asked: MessagesRequest, dialect: DialectContext): EncodedRequest => {
  const context = encodeContext(dialect);
  const tools = encodeTools(asked, context);
  const hasFunctions = tools.tools.some((tool) => tool.functionDeclarations !== undefined);
  // Before the third generation an answer in JSON beside functions is refused.
  const formats = context.third || !hasFunctions ? knownFormats(dialect.provider.quirks) : [];
  const request = withKnownFormat(asked, formats);
  const system = systemParts(request.system);
  const wishes = tools.tools.some((tool) => tool.googleSearch !== undefined)
    ? searchWishes(request)
    : undefined;
  if (wishes !== undefined) system.push({ text: wishes });
  const body: GeminiRequest = {
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    ...(tools.tools.length > 0 && { tools: tools.tools }),
    ...(tools.config !== undefined && { toolConfig: tools.config }),
    contents: contentsOf(request.messages, context),
  };
  const generation = generationConfig(request, context);
  const { extraBody, dropFields } = dialect.provider.quirks;
  const own = isJsonObject(extraBody?.["generationConfig"]) ? extraBody["generationConfig"] : {};
  for (const field of dropFields ?? []) {
    delete body[field];
    delete generation[field];
  }
  Object.assign(body, extraBody, { generationConfig: { ...generation, ...own } });
  return {
    path: pathOf(dialect),
    headers: headersOf(dialect),
    body: jsonBody(body, ["contents"]),
  };
};

export const headersOf = ({ stream }: DialectContext): Record<string, string> => ({
  "content-type": "application/json",
  accept: stream ? "text/event-stream" : "application/json",
});

/** A model's id may name its collection itself (`tunedModels/…`); all others are in `models`. */
export const pathOf = ({ model, stream }: DialectContext): string => {
  const escaped = model.split("/").map(encodeURIComponent).join("/");
  const name = /^(?:models|tunedModels|publishers|projects|endpoints)\//.test(model)
    ? escaped
    : `models/${escaped}`;
  return `/${name}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
};

const systemParts = (system: string | TextBlock[] | null | undefined): GeminiPart[] => {
  if (system === undefined || system === null) return [];
  const blocks: readonly unknown[] = typeof system === "string" ? [system] : system;
  return blocks
    .map((block, i) => (i === 0 ? withoutBilling(textOf(block)) : textOf(block)))
    .filter((text) => text !== "")
    .map((text) => ({ text }));
};

const generationConfig = (request: MessagesRequest, context: EncodeContext): Record<string, unknown> => {
  const { provider, info } = context.dialect;
  const out: Record<string, unknown> = {};
  // Asking for more than the model can write is a 400.
  if (typeof request.max_tokens === "number")
    out["maxOutputTokens"] = Math.min(
      request.max_tokens,
      provider.quirks.maxTokensLimit ?? Infinity,
      info?.maxOutput ?? Infinity,
    );
  if (typeof request.temperature === "number") out["temperature"] = request.temperature;
  if (typeof request.top_p === "number") out["topP"] = request.top_p;
  if (typeof request.top_k === "number") out["topK"] = request.top_k;
  if (Array.isArray(request.stop_sequences) && request.stop_sequences.length > 0)
    out["stopSequences"] = request.stop_sequences.slice(0, mostStops);
  const thinking = thinkingConfig(request, context);
  if (thinking !== undefined) out["thinkingConfig"] = thinking;
  const format = formatOf(request);
  if (format !== undefined) out["responseMimeType"] = "application/json";
  if (format?.type === "json_schema") out["responseSchema"] = answerSchema(format.schema);
  return out;
};
