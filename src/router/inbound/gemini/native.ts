/** A request for a provider that speaks Google's protocol itself: the client's own body goes out, with as little changed in it as the provider needs. */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import type { DialectContext, EncodedRequest } from "../../dialects/dialect.ts";
import { encodeContext } from "../../dialects/gemini/encode/context.ts";
import { headersOf, pathOf } from "../../dialects/gemini/encode/request.ts";
import { thinkingConfig } from "../../dialects/gemini/encode/thinking.ts";
import { isThird } from "../../dialects/gemini/models.ts";
import { isSignatureDetail, skipValidation } from "../../dialects/gemini/signatures.ts";
import { fromEnvelope } from "../../dialects/shared/reasoning-envelope.ts";
import { otherFields, outputLimit, writtenBody } from "../shared/native.ts";
import { carriedThoughts, isMarked, signatureMark, type Thought } from "./carry.ts";
import { carriedFields } from "./decode.ts";
import { camelOf, field, listOf, numberField, writtenName } from "./fields.ts";
import { carriedGeneration } from "./generation.ts";

/** @param body the client's, parsed; @param request the same in the hub's form, with thinking that the model id asked for */
export const nativeGeminiRequest = (
  body: JsonObject,
  request: MessagesRequest,
  context: DialectContext,
): EncodedRequest => {
  const { dropFields = [], extraBody = {} } = context.provider.quirks;
  const out: JsonObject = { ...body };
  // The path names it.
  delete out["model"];
  const contents = nativeContents(body["contents"], context);
  if (contents !== undefined) out["contents"] = contents;
  const name = writtenName(body, "generationConfig");
  const before = isJsonObject(body[name]) ? body[name] : {};
  const config = { ...before, ...changedGeneration(before, request, context) };
  for (const dropped of dropFields) {
    delete out[dropped];
    delete config[dropped];
  }
  const { generationConfig: added, ...more } = extraBody;
  Object.assign(out, more);
  Object.assign(config, added);
  if (!sameFields(config, before)) out[name] = config;
  return {
    path: pathOf(context),
    headers: headersOf(context),
    body: context.rawBody !== undefined && sameFields(out, body) ? context.rawBody : JSON.stringify(out),
  };
};

const sameFields = (one: JsonObject, other: JsonObject): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([name, value]) => other[name] === value);

const changedGeneration = (
  config: JsonObject,
  request: MessagesRequest,
  context: DialectContext,
): JsonObject => {
  const limit = outputLimit(numberField(config, "maxOutputTokens"), context);
  // The model id asked for thinking.
  const thinking =
    request.thinking?.type === "enabled" && field(config, "thinkingConfig") === undefined
      ? thinkingConfig(request, encodeContext(context))
      : undefined;
  return {
    ...(limit !== undefined && { [writtenName(config, "maxOutputTokens")]: limit }),
    ...(thinking !== undefined && { thinkingConfig: thinking }),
  };
};

/**
 * The conversation with the signatures that this provider may have; undefined where nothing is to change. The third generation refuses a turn whose first
 * call has none, as those of other models have.
 */
export const nativeContents = (contents: unknown, context: DialectContext): unknown[] | undefined => {
  let changed = false;
  /** No call of the model's turn was seen yet. */
  let due = isThird(context.model);
  const part = (given: unknown): unknown[] => {
    if (!isJsonObject(given)) return [given];
    let own = withOwnSignature(given, context);
    if (due && own !== undefined && isJsonObject(field(own, "functionCall"))) {
      due = false;
      const name = writtenName(own, "thoughtSignature");
      if (own[name] === undefined) own = { ...own, [name]: skipValidation };
    }
    if (own !== given) changed = true;
    return own === undefined ? [] : [own];
  };
  const out = listOf(contents).map((content) => {
    if (isJsonObject(content) && content["role"] === "model")
      return { ...content, parts: listOf(content["parts"]).flatMap(part) };
    due = isThird(context.model);
    return content;
  });
  return changed ? out.filter((content) => !isEmpty(content)) : undefined;
};

const isEmpty = (content: unknown): boolean =>
  isJsonObject(content) && Array.isArray(content["parts"]) && content["parts"].length === 0;

/** The part; undefined where it was there for another's signature alone. */
const withOwnSignature = (part: JsonObject, context: DialectContext): JsonObject | undefined => {
  const name = writtenName(part, "thoughtSignature");
  const { [name]: signature, ...rest } = part;
  const carried = carriedThoughts(signature);
  const foreign = carried !== undefined || isMarked(signature);
  if (!foreign && !(signature !== undefined && context.dropReasoning === true)) return part;
  const own = context.dropReasoning === true ? undefined : ownSignature(String(signature), carried, context);
  if (own !== undefined) return { ...rest, [name]: own };
  return rest["text"] === "" ? undefined : rest;
};

/** The provider's own words in a signature that the router gave out; undefined where they are another's. */
const ownSignature = (
  signature: string,
  carried: readonly Thought[] | undefined,
  context: DialectContext,
): string | undefined => {
  if (carried === undefined) {
    const mark = signatureMark(context);
    return signature.startsWith(mark) ? signature.slice(mark.length) : undefined;
  }
  for (const thought of carried) {
    if (thought.type !== "thinking") continue;
    for (const detail of fromEnvelope(thought.signature, thought.thinking, context))
      if (isSignatureDetail(detail) && detail.type === "google.signature") return detail.signature;
  }
  return undefined;
};

/** What the dialect wrote, with the client's other fields in it, at the top and in `generationConfig`. */
export const withOtherFields = (
  encoded: EncodedRequest,
  body: JsonObject,
  context: DialectContext,
): EncodedRequest => {
  const asked = field(body, "generationConfig");
  const written = writtenBody(encoded);
  const generation = isJsonObject(asked) ? otherFields(asked, carriedGeneration, context, camelOf) : {};
  const config = isJsonObject(written["generationConfig"]) ? written["generationConfig"] : {};
  const merged = {
    ...otherFields(body, carriedFields, context, camelOf),
    ...written,
    generationConfig: { ...generation, ...config },
  };
  return { ...encoded, body: JSON.stringify(merged) };
};
