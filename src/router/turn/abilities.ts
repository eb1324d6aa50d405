/** What a request needs and a model cannot do: known before anybody is called. */
import type { ModelInfo, ProviderConfig } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import { isClientTool } from "../dialects/shared/tools-in-use.ts";

/**
 * Tools at a model that calls none (`noTools`, or `tools: false` of the model): it would describe its calls in words, and the client would
 * take that for the answer.
 * @param target its name, for the message
 * @returns undefined where the request can be sent
 */
export const inability = (
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
