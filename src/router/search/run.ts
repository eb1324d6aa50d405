/**
 * A turn in which the model searches by calling a function: call by call of the model, with the searches between them carried out here. The client
 * sees one answer, as Anthropic's own search gives it.
 */
import type { MessagesRequest, Usage } from "../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";
import {
  newSearchId,
  putSearchCall,
  searchErrorBlock,
  searchResultBlock,
} from "../dialects/shared/search-blocks.ts";
import type { ClientForm, StreamWriter } from "../inbound/client-form.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import type { AttemptReply } from "../turn/attempt.ts";
import type { Outcome } from "../turn/outcome.ts";
import type { Turn } from "../turn/turn.ts";
import { Citations } from "./citations.ts";
import type { SearchFailure } from "./engine.ts";
import { Round, type SearchCall } from "./round.ts";
import { formOf, RoundReply } from "./round-reply.ts";
import type { Found, Searcher } from "./searcher.ts";
import type { SearchTool } from "../dialects/shared/search-tool.ts";
import { sumOfUsage } from "./usage.ts";

/** Calls the model once. The request is to be streamed; `client` and `reply` stand for the real ones. */
export type AskModel = (
  request: MessagesRequest,
  client: ClientForm,
  reply: AttemptReply,
) => Promise<Outcome>;

export interface SearchTurn {
  readonly turn: Pick<Turn, "request" | "client" | "reply" | "redact" | "log" | "id">;
  /** Of the answer's head, where the provider names none. */
  readonly model: string;
  readonly tool: SearchTool;
  readonly searcher: Searcher;
  readonly ask: AskModel;
}

/** Collects the answer of a client that asked for no stream. */
class Collecting extends MessageCollector implements StreamWriter {
  readonly committed = false;
  take(): string {
    return "";
  }
}

export const runSearchTurn = (options: SearchTurn): Promise<Outcome> => new SearchRun(options).run();

class SearchRun {
  readonly #options: SearchTurn;
  readonly #out: StreamWriter;
  /** Set where the client asked for no stream; the same as `#out`. */
  readonly #collected: Collecting | undefined;
  readonly #citations = new Citations();
  readonly #gone = new AbortController();
  #usage: Usage | undefined;
  #uses = 0;
  #userTold = false;

  constructor(options: SearchTurn) {
    this.#options = options;
    const { client, request, redact } = options.turn;
    this.#collected = request.stream === true ? undefined : new Collecting(options.model);
    this.#out = this.#collected ?? client.streamWriter(options.model, redact);
  }

  async run(): Promise<Outcome> {
    const { turn, searcher, tool } = this.#options;
    // Each call is streamed, so that a long one is no silence; whoever wants no stream gets what was collected.
    let request: MessagesRequest = { ...searcher.request(turn.request), stream: true };
    // One call for each search, one that may try for more than it has, and one for the answer.
    for (let left = tool.maxUses + 2; ; left--) {
      if (turn.reply.aborted) return { kind: "aborted" };
      const { outcome, round } = await this.#round(request);
      if (outcome.kind === "failed") return this.#failed(outcome);
      if (outcome.kind === "cut") turn.reply.end();
      if (outcome.kind !== "done") return outcome;
      this.#usage = sumOfUsage(this.#usage, round.usage);
      const searches = round.stopReason === "tool_use" ? round.searches : [];
      if (searches.length === 0) return this.#finish(round, round.stopReason ?? "end_turn");
      const results = await this.#searchAll(searches);
      if (results === undefined) return { kind: "aborted" };
      if (round.callsClient) return this.#finish(round, "tool_use");
      if (left <= 1) return this.#finish(round, "end_turn");
      request = this.#next(request, round, results, left === 2);
    }
  }

  async #round(request: MessagesRequest): Promise<{ outcome: Outcome; round: Round }> {
    const { turn, searcher, ask } = this.#options;
    const once = async (): Promise<{ outcome: Outcome; round: Round }> => {
      const round = new Round(this.#out, searcher.name, this.#citations);
      return { outcome: await ask(request, formOf(round, turn.client), new RoundReply(turn.reply)), round };
    };
    const first = await once();
    // Of the first call, whoever tries the targets does this.
    const again =
      this.#usage !== undefined &&
      first.outcome.kind === "failed" &&
      first.outcome.lost === true &&
      !turn.reply.aborted;
    return again ? once() : first;
  }

  /** @returns the results for the model, or undefined where the client has gone meanwhile */
  async #searchAll(calls: readonly SearchCall[]): Promise<SearchResultMessage[] | undefined> {
    const { turn } = this.#options;
    if (turn.reply.aborted) return undefined;
    const gone = (): void => this.#gone.abort(new Error("the client has gone"));
    turn.reply.onAbort = gone;
    const running = calls.map((call) => ({ call, found: this.#search(call) }));
    const out: SearchResultMessage[] = [];
    for (const { call, found } of running) {
      const id = newSearchId();
      putSearchCall(this.#out, id, queryOf(call), this.#options.tool.name);
      this.#flush();
      const result = await found;
      if (turn.reply.aborted) return undefined;
      this.#show(id, result);
      this.#flush();
      out.push(
        "failure" in result
          ? { type: "tool_result", tool_use_id: call.id, content: result.failure.message, is_error: true }
          : { type: "tool_result", tool_use_id: call.id, content: result.forModel },
      );
    }
    turn.reply.onAbort = undefined;
    return out;
  }

  async #search(call: SearchCall): Promise<Found> {
    const { tool, searcher, turn } = this.#options;
    if (this.#uses >= tool.maxUses) {
      const message = `No more searches: this turn has had its ${tool.maxUses}. Answer with what was found.`;
      return { failure: { code: "max_uses_exceeded", message } };
    }
    this.#uses++;
    const found = await searcher.search(call.input, this.#gone.signal);
    if (!("failure" in found)) {
      this.#citations.add(found.results);
      return found;
    }
    const failure: SearchFailure = { ...found.failure, message: turn.redact(found.failure.message) };
    turn.log.warn({ requestId: turn.id, code: "search.failed", error: failure.code }, failure.message);
    return { failure };
  }

  #show(id: string, found: Found): void {
    if (!("failure" in found)) return this.#out.block(searchResultBlock(id, found.results));
    this.#out.block(searchErrorBlock(id, found.failure.code));
    if (found.failure.forUser !== true || this.#userTold) return undefined;
    this.#userTold = true;
    this.#out.text(`${found.failure.message}\n\n`);
    return this.#out.endBlock();
  }

  #next(
    request: MessagesRequest,
    round: Round,
    results: SearchResultMessage[],
    last: boolean,
  ): MessagesRequest {
    const { tool_choice: choice, ...rest } = request;
    const parallel =
      choice?.disable_parallel_tool_use === undefined
        ? undefined
        : { disable_parallel_tool_use: choice.disable_parallel_tool_use };
    return {
      ...rest,
      messages: [
        ...request.messages,
        { role: "assistant", content: round.content },
        { role: "user", content: results },
      ],
      // A search that was demanded has been made; demanded again, it would never end.
      ...(last
        ? { tool_choice: { type: "none" } }
        : choice?.type === "auto" || parallel !== undefined
          ? { tool_choice: { type: "auto", ...parallel } }
          : {}),
    };
  }

  /** What the client saw stays: then the failure is told inside of the stream, and no other target is tried. */
  #failed(outcome: { kind: "failed"; failure: UpstreamFailure }): Outcome {
    if (!this.#out.committed) return outcome;
    const { reply, redact } = this.#options.turn;
    const failure = { ...outcome.failure, message: redact(outcome.failure.message) };
    const cut: Outcome = { kind: "cut", failure, usage: this.#usage };
    reply.ending(cut);
    this.#out.fail(failure);
    this.#flush();
    reply.end();
    return cut;
  }

  #finish(round: Round, stopReason: NonNullable<Round["stopReason"]>): Outcome {
    const { client, reply } = this.#options.turn;
    const usage: Usage = { ...(this.#usage ?? { input_tokens: 0, output_tokens: 0 }) };
    if (this.#uses > 0) usage["server_tool_use"] = { web_search_requests: this.#uses };
    this.#out.finish({ stopReason, stopSequence: round.stopSequence ?? null, usage });
    const end: Outcome = { kind: "done", usage, stopReason };
    reply.ending(end);
    if (this.#collected === undefined) {
      this.#flush();
      reply.end();
    } else reply.send(200, client.message(this.#collected.message()));
    return end;
  }

  #flush(): void {
    const part = this.#out.take();
    if (part !== "") this.#options.turn.reply.write(part);
  }
}

type SearchResultMessage = {
  type: "tool_result";
  tool_use_id: string;
  content: string;
  is_error?: boolean;
};

const queryOf = ({ input }: SearchCall): string => (typeof input["query"] === "string" ? input["query"] : "");
