/**
 * Auto mode of Claude Code: the request asks by `safeguards` that the API judges each tool call while it answers, and the answer says by
 * `safeguard_results` what came of it. Anthropic alone has such a judge. The client's own description of a gateway (in 2.1.329) knows two ways to say
 * so: a 400 that names `safeguards`, which costs a request, or the result below. With either, the client judges each call by requests of
 * its own, which are ordinary turns. With neither, it holds its calls back as not judged, and the turn stops.
 */
import { isJsonObject } from "../../shared/json.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

/** The one judgement that the client asks for. */
const judged = "dangerous_tool_use";

/** What an answer says where nobody judged, though the client asked; undefined where it did not ask. */
export const notJudged = (request: MessagesRequest): readonly object[] | undefined => {
  const asked: unknown = request["safeguards"];
  if (!Array.isArray(asked) || !asked.some((one) => isJsonObject(one) && one["type"] === judged))
    return undefined;
  return [{ type: judged, status: { type: "unsupported" } }];
};
