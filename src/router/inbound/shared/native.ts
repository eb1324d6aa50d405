/** Client and provider speak the same protocol: the client's own body goes out, with as little changed in it as the provider needs. */
import type { Quirks } from "../../../config/types.ts";
import type { ContentBlock, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { JsonObject } from "../../../shared/json.ts";
import { withModel } from "../../dialects/anthropic/model-span.ts";
import type { DialectContext, EncodedRequest } from "../../dialects/dialect.ts";
import { knownFormats, withKnownFormat } from "../../dialects/shared/answer-format.ts";
import { blocksOf } from "../../dialects/shared/text.ts";
import { fitsProvider } from "../../dialects/shared/tool-ids.ts";

/**
 * Flags that ask for no change, for one of the top-level fields that is made here, or for one that `passesBytes` looks for in the request. Any
 * other is the dialect's business.
 */
const fieldsOnly = new Set<string>([
  "rawStream",
  "countTokens",
  "datedIds",
  "dropFields",
  "dropBetas",
  "maxTokensField",
  "maxTokensLimit",
  "reasoning",
  "reasoningSummary",
  "messagePhase",
  "maxEffort",
  "sendReasoning",
  "cacheControl",
  "noStreamUsage",
  "noParallelToolCalls",
  "userIdLength",
  "topK",
  "mostStops",
  "toolIdLength",
  "toolIdAlphanumeric",
  "toolResultImagesInUserMessage",
  "webSearch",
  // Of an answer that is gone on with, which is written anew.
  "prefix",
  // A client of the provider's own form knows how its models write.
  "thinkTags",
  // And what parts they take.
  "files",
  "extraBody",
] satisfies (keyof Quirks)[]);

/** Whether a provider of the client's protocol gets the client's own body, and the client its own bytes. */
export const passesBytes = ({
  provider: { quirks },
  request,
}: {
  readonly provider: { readonly quirks: Readonly<Quirks> };
  /** As the hub has it, where it is known. */
  readonly request?: MessagesRequest | undefined;
}): boolean =>
  Object.entries(quirks).every(
    ([flag, value]) => fieldsOnly.has(flag) || value === undefined || value === false,
  ) &&
  (request === undefined ||
    // A form of the answer that the provider does not know is asked for in words.
    (withKnownFormat(request, knownFormats(quirks)) === request && idsFit(request, quirks)));

/** Whether the ids of all calls and results are such as the provider takes: others have to be written anew. */
const idsFit = ({ messages }: MessagesRequest, quirks: Readonly<Quirks>): boolean =>
  (quirks.toolIdLength === undefined && quirks.toolIdAlphanumeric !== true) ||
  messages.every(({ content }) => blocksOf(content).every((block) => blockFits(block, quirks)));

const blockFits = (block: ContentBlock, quirks: Readonly<Quirks>): boolean =>
  block.type === "tool_use"
    ? fitsProvider(block.id, quirks)
    : block.type !== "tool_result" || fitsProvider(block.tool_use_id, quirks);

/**
 * The body as it is sent.
 * @param body the client's, parsed; @param changes fields to be set, or removed where they are undefined
 */
export const nativeBody = (
  body: JsonObject,
  changes: Readonly<Record<string, unknown>>,
  context: DialectContext,
): string | Buffer => {
  const { dropFields = [], extraBody } = context.provider.quirks;
  const wanted: JsonObject = { ...changes };
  for (const field of dropFields) wanted[field] = undefined;
  Object.assign(wanted, extraBody);
  const differs = Object.entries(wanted).some(([field, value]) => body[field] !== value);
  if (!differs && context.rawBody !== undefined) {
    const bytes = withModel(context.rawBody, String(body["model"]), context.model);
    if (bytes !== undefined) return bytes;
  }
  return JSON.stringify({ ...body, ...wanted, model: context.model });
};

/** Fields of a client's body that the hub does not carry, and that the provider may have. @param known a field's name as `carried` has it */
export const otherFields = (
  body: JsonObject,
  carried: ReadonlySet<string>,
  { provider }: DialectContext,
  known: (name: string) => string = (name) => name,
): JsonObject => {
  const { dropFields = [] } = provider.quirks;
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !carried.has(known(name)) && !dropFields.includes(known(name))),
  );
};

/** The body that a dialect wrote. */
export const writtenBody = ({ body }: EncodedRequest): JsonObject =>
  JSON.parse(body.toString()) as JsonObject;

/** Headers that say what the body means go on to the provider. */
export const nativeRequest = (
  path: string,
  body: string | Buffer,
  context: DialectContext,
): EncodedRequest => {
  const beta = context.clientHeaders["openai-beta"];
  return {
    path,
    headers: {
      "content-type": "application/json",
      accept: context.stream ? "text/event-stream" : "application/json",
      ...(typeof beta === "string" && { "openai-beta": beta }),
    },
    body,
  };
};

/** The smaller of what the client asks for and what the provider and the model can; undefined where the client asks for nothing. */
export const outputLimit = (asked: unknown, context: DialectContext): number | undefined =>
  typeof asked === "number"
    ? Math.min(asked, context.provider.quirks.maxTokensLimit ?? Infinity, context.info?.maxOutput ?? Infinity)
    : undefined;
