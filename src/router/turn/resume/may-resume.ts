/** Which turns are taken up again after they broke off in the middle (`server.resume`). */
import type { MessagesRequest } from "../../../protocol/anthropic.ts";
import { isSearchTool } from "../../dialects/shared/search-tool.ts";
import { asksForJudgement } from "../../inbound/safeguards.ts";
import type { Turn } from "../turn.ts";

/** Streams, but for those of several calls: only a search's or a judgement's own course knows where such a turn stands. */
export const mayResume = ({
  config,
  client,
  request,
}: Pick<Turn, "config" | "client" | "request">): boolean =>
  config.server.resume &&
  request.stream === true &&
  !searches(request) &&
  !(client.name === "anthropic" && asksForJudgement(request));

const searches = ({ tools = [] }: MessagesRequest): boolean => tools.some(isSearchTool);
