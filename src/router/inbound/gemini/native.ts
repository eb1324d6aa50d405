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
import { outputLimit } from "../shared/native.ts";
import { carriedThoughts, isMarked, signatureMark, type Thought } from "./carry.ts";
import { carriedFields } from "./decode.ts";
import { camelOf, field, listOf, writtenName } from "./fields.ts";
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
  const limit = outputLimit(field(config, "maxOutputTokens"), context);
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

/** The conversation with the signatures that this provider may have; undefined where nothing is to change. */
export const nativeContents = (contents: unknown, context: DialectContext): unknown[] | undefined => {
  let changed = false;
  const part = (given: unknown): unknown => {
    if (!isJsonObject(given)) return given;
    const own = withOwnSignature(given, context);
    if (own !== given) changed = true;
    return own;
  };
  const out = listOf(contents).map((content) =>
    isJsonObject(content) && content["role"] === "model"
      ? { ...content, parts: listOf(content["parts"]).map(part) }
      : content,
  );
  return changed ? out : undefined;
};

const withOwnSignature = (part: JsonObject, context: DialectContext): JsonObject => {
  const name = writtenName(part, "thoughtSignature");
  const signature = part[name];
  const carried = carriedThoughts(signature);
  const foreign = carried !== undefined || isMarked(signature);
  if (!foreign && !(signature !== undefined && context.dropReasoning === true)) return part;
  const { [name]: _, ...rest } = part;
  const own = context.dropReasoning === true ? undefined : ownSignature(String(signature), carried, context);
  if (own !== undefined) return { ...rest, [name]: own };
  // The third generation refuses a call without one.
  return isJsonObject(field(rest, "functionCall")) && isThird(context.model)
    ? { ...rest, [name]: skipValidation }
    : rest;
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

/** A request that the dialect had to write, with the client's other fields in it: they are of the provider's own protocol. */
export const withOtherFields = (
  encoded: EncodedRequest,
  body: JsonObject,
  context: DialectContext,
): EncodedRequest => {
  const dropped = context.provider.quirks.dropFields ?? [];
  const others = (object: JsonObject, carried: ReadonlySet<string>): JsonObject =>
    Object.fromEntries(
      Object.entries(object).filter(
        ([name]) => !carried.has(camelOf(name)) && !dropped.includes(camelOf(name)),
      ),
    );
  const asked = field(body, "generationConfig");
  const generation = others(isJsonObject(asked) ? asked : {}, carriedGeneration);
  const written = JSON.parse(encoded.body.toString()) as JsonObject;
  const config = isJsonObject(written["generationConfig"]) ? written["generationConfig"] : {};
  const merged = {
    ...others(body, carriedFields),
    ...written,
    generationConfig: { ...generation, ...config },
  };
  return { ...encoded, body: JSON.stringify(merged) };
};
