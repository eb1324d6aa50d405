/** A hub request as a request of OpenAI Responses. Only what is named here is sent: unknown fields of Anthropic's never leave. */
import type { MessagesRequest } from "../../../../protocol/anthropic.ts";
import type { ResponsesRequest } from "../../../../protocol/openai-responses.ts";
import type { DialectContext, EncodedRequest } from "../../dialect.ts";
import { formatOf, knownFormats, namedSchema, withKnownFormat } from "../../shared/answer-format.ts";
import { jsonBody } from "../../shared/json-body.ts";
import { userId } from "../../shared/user-id.ts";
import { type EncodeContext, encodeContext } from "./content.ts";
import { inputItems, instructionsOf } from "./input.ts";
import { mayReason, reasoningField } from "./reasoning.ts";
import { responsesToolChoice, responsesTools, webSearchTool } from "./tools.ts";

/** Smallest `max_output_tokens`: OpenAI answers 400 to less. */
const leastOutput = 16;

/** See `HttpDialect.encode`. */
export const encode = (request: MessagesRequest, context: DialectContext): EncodedRequest => ({
  path: "/responses",
  headers: {
    "content-type": "application/json",
    accept: context.stream ? "text/event-stream" : "application/json",
  },
  body: jsonBody(responsesRequest(request, context), ["input", "tools"]),
});

/**
 * The body, in an order that keeps what stays the same from turn to turn in front. Nothing is stored at the provider (`store: false`): all that it
 * needs comes with each request, its encrypted reasoning among it.
 */
export const responsesRequest = (asked: MessagesRequest, dialect: DialectContext): ResponsesRequest => {
  const context = encodeContext(dialect);
  const { quirks } = context;
  const request = withKnownFormat(asked, knownFormats(quirks));
  const instructions = instructionsOf(request.system);
  const tools = responsesTools(request, context);
  const body: ResponsesRequest = { model: dialect.model, input: [] };
  if (instructions !== undefined) body.instructions = instructions;
  if (tools.length > 0) body.tools = tools;
  body.input = inputItems(request.messages, context);
  if (tools.length > 0) Object.assign(body, toolFields(request, tools, context));
  const reasoning = reasoningField(request, context);
  if (reasoning !== undefined) body.reasoning = reasoning;
  Object.assign(body, limits(request, context), sampling(request, context, reasoning !== undefined));
  const format = textFormat(request);
  if (format !== undefined) body.text = { format };
  const include = includes(request, context);
  if (include.length > 0) body.include = include;
  const user = userId(request, quirks.userIdLength ?? 64);
  if (user !== undefined) body.user = user;
  body.store = false;
  body.stream = dialect.stream;
  for (const field of quirks.dropFields ?? []) delete body[field];
  return quirks.extraBody === undefined ? body : { ...body, ...quirks.extraBody };
};

const toolFields = (
  request: MessagesRequest,
  tools: NonNullable<ResponsesRequest["tools"]>,
  context: EncodeContext,
): Partial<ResponsesRequest> => {
  const out: Partial<ResponsesRequest> = {};
  const choice = responsesToolChoice(request, tools, context);
  if (choice !== undefined) out.tool_choice = choice;
  if (request.tool_choice?.disable_parallel_tool_use === true && context.quirks.noParallelToolCalls !== true)
    out.parallel_tool_calls = false;
  // It counts calls of hosted tools only, and the search is the only one that is sent.
  const uses = webSearchTool(request)?.["max_uses"];
  if (typeof uses === "number" && uses >= 1) out["max_tool_calls"] = uses;
  return out;
};

/** The smallest of what was asked for, what the provider takes and what the model can write: asking for more is a 400. */
const limits = (request: MessagesRequest, { quirks, info }: EncodeContext): Partial<ResponsesRequest> => {
  if (typeof request.max_tokens !== "number") return {};
  const most = Math.min(request.max_tokens, quirks.maxTokensLimit ?? Infinity, info?.maxOutput ?? Infinity);
  return { max_output_tokens: Math.max(leastOutput, most) };
};

/** Models that reason refuse both ("Unsupported parameter"). `top_k` has no place in this protocol; stop sequences are held to where the answer is read. */
const sampling = (
  request: MessagesRequest,
  { info }: EncodeContext,
  reasons: boolean,
): Partial<ResponsesRequest> => {
  const out: Partial<ResponsesRequest> = {};
  if (reasons || info?.thinking === true) return out;
  // 1 is the default, and need not be risked with a model that may reason.
  if (typeof request.temperature === "number" && request.temperature !== 1)
    out.temperature = request.temperature;
  if (typeof request.top_p === "number") out.top_p = request.top_p;
  return out;
};

/** The form of the answer as OpenAI's structured output or JSON mode. */
const textFormat = (request: MessagesRequest): unknown => {
  const format = formatOf(request);
  return format?.type === "json_schema" ? { type: "json_schema", ...namedSchema(format.schema) } : format;
};

/** Parts of the answer that come only when asked for: the reasoning to send back, and where a search looked. */
const includes = (request: MessagesRequest, context: EncodeContext): string[] => {
  const out: string[] = [];
  if (mayReason(context)) out.push("reasoning.encrypted_content");
  if (webSearchTool(request) !== undefined) out.push("web_search_call.action.sources");
  return out;
};
