/**
 * A turn whose calls the client wants judged (auto mode's `safeguards`), at a provider that has no judge: the same model is asked in a request of
 * its own, behind the answer and before its end, as the client takes the judgement from there.
 */
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { StreamWriter } from "../inbound/client-form.ts";
import type { AskModel } from "../search/run.ts";
import { formOf, RoundReply } from "../search/round-reply.ts";
import { sumOfUsage } from "../search/usage.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import type { Outcome } from "../turn/outcome.ts";
import type { Turn } from "../turn/turn.ts";
import { HeldEnd } from "./held-end.ts";
import { isHarmless, judgeRequest, skipped, unavailable, verdictsOf, type Unavailable } from "./question.ts";

export interface JudgedTurn {
  readonly turn: Pick<Turn, "request" | "client" | "reply" | "redact" | "log" | "id">;
  /** Of the answer's head, where the provider names none. */
  readonly model: string;
  readonly ask: AskModel;
}

/** Collects an answer that no client sees as it comes. */
class Collecting extends MessageCollector implements StreamWriter {
  /** Nothing of it is shown before its end. */
  get committed(): boolean {
    return this.ended && this.failure === undefined;
  }
  take(): string {
    return "";
  }
}

export const runJudgedTurn = async ({ turn, model, ask }: JudgedTurn): Promise<Outcome> => {
  const { client, reply } = turn;
  const collected = turn.request.stream === true ? undefined : new Collecting(model);
  const out: StreamWriter = collected ?? client.streamWriter(model, turn.redact);
  const held = new HeldEnd(out);
  const outcome = await ask({ ...turn.request, stream: true }, formOf(held, client), new RoundReply(reply));
  if (outcome.kind === "cut") reply.end();
  if (outcome.kind !== "done" || held.end === undefined) return outcome;
  const judged = held.end.safeguardResults === undefined ? await judge(held, { turn, model, ask }) : {};
  if (reply.aborted) return { kind: "aborted" };
  const usage = sumOfUsage(held.end.usage, judged.usage);
  out.finish({
    ...held.end,
    ...(judged.results !== undefined && { safeguardResults: judged.results }),
    usage,
  });
  const end: Outcome = { kind: "done", usage, stopReason: held.end.stopReason };
  reply.ending(end);
  if (collected === undefined) {
    reply.write(out.take());
    reply.end();
  } else reply.send(200, client.message(collected.message()));
  return end;
};

interface Judged {
  /** `safeguard_results`; undefined where there is nothing to judge. */
  results?: readonly object[];
  usage?: Parameters<typeof sumOfUsage>[1];
}

const judge = async (held: HeldEnd, { turn, model, ask }: JudgedTurn): Promise<Judged> => {
  const { calls } = held;
  if (calls.every(isHarmless)) return { results: skipped(calls) };
  const failed = (reason: Unavailable, words: string, usage?: Judged["usage"]): Judged => {
    turn.log.warn({ requestId: turn.id, code: "judge.failed" }, words);
    return { results: unavailable(reason), ...(usage !== undefined && { usage }) };
  };
  const request: MessagesRequest | undefined = judgeRequest(turn.request, calls);
  if (request === undefined) return failed("input_too_long", "tool calls are too long to be judged");
  const verdict = new Collecting(model);
  const form = formOf(verdict, turn.client);
  const outcome = await ask(request, form, new SilentReply(turn.reply));
  if (outcome.kind === "aborted") return {};
  if (outcome.kind !== "done") {
    const words = turn.redact(outcome.failure.message).slice(0, 500);
    return failed("error", `tool calls could not be judged: ${words}`);
  }
  const { usage, stopReason } = verdict;
  if (stopReason === "refusal") return failed("refused", "the model refused to judge tool calls", usage);
  if (stopReason === "max_tokens") return failed("truncated", "the verdict on tool calls was cut", usage);
  const results = verdictsOf(verdict.message().content, calls);
  return { results, ...(usage !== undefined && { usage }) };
};

/** Of the judge's answer the client sees nothing, and no headers either. */
class SilentReply extends RoundReply {
  override get extraHeaders(): undefined {
    return undefined;
  }
  override set extraHeaders(_headers: unknown) {
    // The answer's own head is on its way.
  }
  override write(): boolean {
    return true;
  }
}
