/**
 * Auto mode of Claude Code: the request asks by `safeguards` that the API judges each tool call while it answers, and the answer says by
 * `safeguard_results` what came of it. Anthropic alone has such a judge; elsewhere the router asks the model (src/router/judge/). Where nobody can be asked, as at the
 * demo provider, the answer says `unsupported`: then the client (2.1.329) runs no call that needs a judgement, and says why. The forms are those that it reads.
 */
import { isJsonObject } from "../../shared/json.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

/** The one judgement that the client asks for. */
const judged = "dangerous_tool_use";

/** Whether the client wants its calls judged. */
export const asksForJudgement = (request: MessagesRequest): boolean => notJudged(request) !== undefined;

/** What an answer says where nobody judged, though the client asked; undefined where it did not ask. */
export const notJudged = (request: MessagesRequest): readonly object[] | undefined => {
  const asked: unknown = request["safeguards"];
  if (!Array.isArray(asked) || !asked.some((one) => isJsonObject(one) && one["type"] === judged))
    return undefined;
  return [{ type: judged, status: { type: "unsupported" } }];
};
