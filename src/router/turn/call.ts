/** One call of one target with one key: whatever its dialect, a search or a judgement need is put together here. */
import { modelInfoOf } from "../../config/model-info.ts";
import {
  asAsked,
  targetName,
  type ProviderConfig,
  type ProviderKey,
  type Target,
} from "../../config/types.ts";
import { providerCredentials } from "../auth.ts";
import type { DialectContext, HttpDialect, LocalDialect, UpstreamFailure } from "../dialects/dialect.ts";
import { dialectOf } from "../dialects/index.ts";
import { searchToolOf } from "../dialects/shared/search-tool.ts";
import { classify } from "../failures/classify.ts";
import { speaksSame } from "../inbound/client-form.ts";
import { asksForJudgement } from "../inbound/safeguards.ts";
import type { AskModel } from "../search/run.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import { inability } from "./abilities.ts";
import { Attempt, type AttemptReply } from "./attempt.ts";
import type { Outcome } from "./outcome.ts";
import { redacted } from "./redacted.ts";
import type { Turn } from "./turn.ts";

export interface TargetCall {
  readonly target: Target;
  readonly provider: ProviderConfig;
  /** Undefined where the provider needs none, or gets the client's own. */
  readonly key: ProviderKey | undefined;
  /** What may be tried behind it. */
  readonly left: readonly Target[];
}

/** Calls the target, or lets it answer by itself. Never rejects for what the provider does. */
export const callTarget = async (turn: Turn, call: TargetCall): Promise<Outcome> => {
  turn.progress.attempts++;
  turn.account.calling(call.target, call.key?.label ?? null);
  const outcome = await callDialect(turn, call);
  if (outcome.kind === "failed" || outcome.kind === "interrupted") {
    const { kind } = classify(outcome.failure, call.provider.failures);
    const { sentStatus = null } = outcome.failure;
    const reason = ownWordsOf(outcome.failure);
    turn.account.failed({ result: kind, status: sentStatus, reason, broke: outcome.kind === "interrupted" });
  }
  return outcome;
};

/** Why a call failed, where the words are the router's: of what a provider says nobody knows what it quotes. */
const ownWordsOf = ({ message, own }: UpstreamFailure): string | undefined =>
  own === true ? message : undefined;

const callDialect = (turn: Turn, { target, provider, key, left }: TargetCall): Promise<Outcome> => {
  const dialect = dialectOf(provider.dialect);
  const context = contextOf(turn, provider, target);
  if (dialect.kind === "local") return Promise.resolve(answerLocally(turn, dialect, context));
  const call = { dialect, context, key };
  if (searchToolOf(turn.request) !== undefined) return callWithSearch(turn, target, call, left);
  return callPlainly(turn, target, call);
};

/** Nothing is asked for but an answer of the model, or the provider does all by itself. */
const callPlainly = (turn: Turn, target: Target, call: Call): Promise<Outcome> => {
  const { provider, info } = call.context;
  const failure = inability(turn.request, provider, info, targetName(target));
  if (failure !== undefined) return Promise.resolve({ kind: "failed", failure });
  const judged = turn.client.name === "anthropic" && provider.quirks.rawStream !== true;
  return judged && asksForJudgement(turn.request) && (turn.request.tools ?? []).length > 0
    ? callJudged(turn, call)
    : callProvider(turn, call);
};

/** The client wants its calls judged, and no provider but Anthropic does that by itself. */
const callJudged = async (turn: Turn, call: Call): Promise<Outcome> => {
  const { runJudgedTurn } = await import("../judge/run.ts");
  if (turn.reply.aborted) return { kind: "aborted" };
  return runJudgedTurn({
    turn: { ...turn, redact: (text) => redacted(text, turn) },
    model: call.context.model,
    ask: askerOf(turn, call),
  });
};

/** Calls the model within a turn of several calls. What it says is looked through as it comes; of the client's bytes nothing can be sent. */
const askerOf =
  (turn: Turn, { dialect, context, key }: Call): AskModel =>
  (request, client, reply) =>
    callProvider(
      { ...turn, request, client },
      { dialect, key, context: { ...context, request, stream: true, rawBody: undefined } },
      reply,
    );

const callWithSearch = async (
  turn: Turn,
  target: Target,
  call: Call,
  left: readonly Target[],
): Promise<Outcome> => {
  // Imported with the first search: many routers never see one.
  const [{ searchesOnly, searchPlan }, { runSearchTurn }] = await Promise.all([
    import("../search/plan.ts"),
    import("../search/run.ts"),
  ]);
  if (turn.reply.aborted) return { kind: "aborted" };
  const { dialect, context } = call;
  const plan = searchPlan(turn.request, dialect, context, turn);
  if (plan === undefined) return callPlainly(turn, target, call);
  const sent = plan.searcher.request(turn.request);
  const wanted = plan.nobody === true && searchesOnly(turn.request);
  const failure =
    inability(sent, context.provider, context.info, targetName(target)) ??
    (wanted ? unableToSearch(turn, target, left) : undefined);
  if (failure !== undefined) return { kind: "failed", failure };
  return runSearchTurn({
    turn: { ...turn, redact: (text) => redacted(text, turn) },
    model: context.model,
    ...plan,
    ask: askerOf(turn, call),
  });
};

/** Nobody could search here, and a target that is left can. */
const unableToSearch = (turn: Turn, target: Target, left: readonly Target[]): UpstreamFailure | undefined => {
  const searches = (other: Target): boolean => {
    const provider = turn.config.providers.get(other.provider);
    const dialect = provider && dialectOf(provider.dialect);
    if (provider === undefined || dialect?.kind !== "http") return false;
    return dialect.webSearch(turn.request, contextOf(turn, provider, other)) !== "none";
  };
  if (!left.some(searches)) return undefined;
  return {
    status: 400,
    type: "invalid_request_error",
    message: `${targetName(target)} has no web search of its own, and no search engine is set up.`,
    elsewhere: true,
  };
};

const contextOf = (turn: Turn, provider: ProviderConfig, target: Target): DialectContext => {
  const dialect = dialectOf(provider.dialect);
  const used = asAsked(target, turn.request.model);
  return {
    provider,
    model: used.model,
    info: modelInfoOf(turn.config, used),
    stream: turn.request.stream === true,
    query: turn.query,
    clientHeaders: turn.headers,
    // Bytes of another protocol mean nothing to this dialect.
    rawBody: speaksSame(turn.client, dialect) ? turn.rawBody : undefined,
    rawModel: turn.rawModel,
    dropReasoning: turn.dropReasoning,
    request: turn.request,
  };
};

interface Call {
  readonly dialect: HttpDialect;
  readonly context: DialectContext;
  readonly key: ProviderKey | undefined;
}

const callProvider = (
  turn: Turn,
  { dialect, context, key }: Call,
  reply: AttemptReply = turn.reply,
): Promise<Outcome> =>
  new Promise((resolve) => {
    const { log } = turn;
    const redact = (text: string): string => redacted(text, turn);
    const counted = turn.account.reads(() => attempt.usage);
    const settle = (outcome: Outcome): void => {
      counted();
      turn.progress.providerRequestId = attempt.providerRequestId;
      resolve(outcome);
    };
    const proxy = key?.proxy ?? context.provider.proxy;
    const attempt = new Attempt({ dialect, context, client: turn.client, proxy, reply, redact, log, settle });
    // The answer is made into a stream here; bytes that ask the provider for one cannot be passed on.
    const asked =
      context.provider.quirks.noStream === true ? { ...context, stream: false, rawBody: undefined } : context;
    const encoded = turn.client.encode(dialect, turn.request, asked);
    attempt.start(
      turn.pool.dispatcherOf(context.provider, proxy),
      encoded,
      providerCredentials(context.provider, key?.value, turn.own),
    );
  });

const answerLocally = (turn: Turn, dialect: LocalDialect, context: DialectContext): Outcome => {
  const { client, reply } = turn;
  const answerContext = { ...context, routedBy: turn.rule };
  if (context.stream) {
    const sink = client.streamWriter(context.model, turn.redact);
    dialect.answer(turn.request, sink, answerContext);
    const end: Outcome = { kind: "done", usage: sink.usage, stopReason: sink.stopReason };
    turn.account.used(sink.usage);
    reply.ending(end);
    reply.write(sink.take());
    reply.end();
    return end;
  }
  const sink = new MessageCollector(context.model);
  dialect.answer(turn.request, sink, answerContext);
  const end: Outcome = { kind: "done", usage: sink.usage, stopReason: sink.stopReason };
  turn.account.used(sink.usage);
  reply.ending(end);
  reply.send(200, client.message(sink.message()));
  return end;
};
