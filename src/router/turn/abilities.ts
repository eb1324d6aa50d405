/** What a request needs and a target cannot do: known before anybody is called. */
import type { ModelInfo, ProviderConfig } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import { isClientTool } from "../dialects/shared/tools-in-use.ts";

/**
 * @param target its name, for the message
 * @returns undefined where the request can be sent
 */
export const inability = (
  request: MessagesRequest,
  provider: ProviderConfig,
  info: ModelInfo | undefined,
  target: string,
): UpstreamFailure | undefined =>
  noThreads(request, provider, target) ?? noTools(request, provider, info, target);

/**
 * A conversation that the server is to hold (`thread`; @anthropic-ai/sdk 1.11, whose tool runner asks for it by itself): later requests bring new
 * messages alone, and only Anthropic has the ones before. Anybody else would answer without them and nobody would notice. The refusal is Anthropic's own for
 * what it cannot hold: the tool runner then sends the whole conversation, with this turn and each later one.
 */
const noThreads = (
  request: MessagesRequest,
  provider: ProviderConfig,
  target: string,
): UpstreamFailure | undefined => {
  if (!isJsonObject(request["thread"]) || provider.quirks.rawStream === true) return undefined;
  return {
    status: 400,
    type: "invalid_request_error",
    message: `${target} holds no conversations (\`thread\`). Send the whole conversation with each request.`,
    details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
  };
};

/**
 * Tools at a model that calls none (`noTools`, or `tools: false` of the model): it would describe its calls in words, and the client would
 * take that for the answer.
 */
const noTools = (
  request: MessagesRequest,
  provider: ProviderConfig,
  info: ModelInfo | undefined,
  target: string,
): UpstreamFailure | undefined => {
  if (provider.quirks.noTools !== true && info?.tools !== false) return undefined;
  if (request.tools?.some(isClientTool) !== true || request.tool_choice?.type === "none") return undefined;
  return {
    status: 400,
    type: "invalid_request_error",
    message: `${target} calls no tools, and this request brings ${request.tools.length}. Choose a model that does, or put one behind it in the route.`,
    elsewhere: true,
  };
};
