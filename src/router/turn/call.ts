/** One call of one target with one key: whatever its dialect needs is put together here. */
import { modelInfoOf } from "../../config/model-info.ts";
import { targetName, type ProviderConfig, type ProviderKey, type Target } from "../../config/types.ts";
import { providerCredentials } from "../auth.ts";
import type { DialectContext, HttpDialect, LocalDialect, UpstreamFailure } from "../dialects/dialect.ts";
import { dialects } from "../dialects/index.ts";
import { speaksSame } from "../inbound/client-form.ts";
import { type SearchPlan, searchesOnly, searchPlan } from "../search/plan.ts";
import { runSearchTurn } from "../search/run.ts";
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
}

/** Why a target cannot serve the turn, as far as that is known before it is called. */
export const unableTo = (
  turn: Turn,
  { target, provider }: Omit<TargetCall, "key">,
  left: readonly Target[],
): UpstreamFailure | undefined => {
  const dialect = dialects[provider.dialect];
  if (dialect.kind === "local") return undefined;
  const context = contextOf(turn, provider, target);
  const plan = searchPlan(turn.request, dialect, context, turn);
  const sent = plan === undefined ? turn.request : plan.searcher.request(turn.request);
  return (
    inability(sent, provider, context.info, targetName(target)) ?? unableToSearch(turn, target, plan, left)
  );
};

/** Calls the target, or lets it answer by itself. Never rejects for what the provider does. */
export const callTarget = (turn: Turn, { target, provider, key }: TargetCall): Promise<Outcome> => {
  turn.progress.attempts++;
  const dialect = dialects[provider.dialect];
  const context = contextOf(turn, provider, target);
  if (dialect.kind === "local") return Promise.resolve(answerLocally(turn, dialect, context));
  const plan = searchPlan(turn.request, dialect, context, turn);
  if (plan === undefined) return callProvider(turn, { dialect, context, key });
  return runSearchTurn({
    turn: { ...turn, redact: (text) => redacted(text, turn) },
    model: context.model,
    ...plan,
    // What the model says is looked through as it comes; of the client's bytes nothing can be sent.
    ask: (request, client, reply) =>
      callProvider(
        { ...turn, request, client },
        { dialect, key, context: { ...context, request, stream: true, rawBody: undefined } },
        reply,
      ),
  });
};

/** Nobody could search here, and a target that is left can. */
const unableToSearch = (
  turn: Turn,
  target: Target,
  plan: SearchPlan | undefined,
  left: readonly Target[],
): UpstreamFailure | undefined => {
  if (plan?.nobody !== true || !searchesOnly(turn.request)) return undefined;
  const searches = (other: Target): boolean => {
    const provider = turn.config.providers.get(other.provider);
    const dialect = provider && dialects[provider.dialect];
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
  const dialect = dialects[provider.dialect];
  return {
    provider,
    model: target.model === "*" ? turn.request.model : target.model,
    info: modelInfoOf(turn.config, target),
    stream: turn.request.stream === true,
    query: turn.query,
    clientHeaders: turn.headers,
    // Bytes of another protocol mean nothing to this dialect.
    rawBody: speaksSame(turn.client, dialect) ? turn.rawBody : undefined,
    rawModel: turn.rawModel,
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
    const settle = (outcome: Outcome): void => {
      turn.progress.providerRequestId = attempt.providerRequestId;
      resolve(outcome);
    };
    const attempt = new Attempt({ dialect, context, client: turn.client, reply, redact, log, settle });
    // The answer is made into a stream here; bytes that ask the provider for one cannot be passed on.
    const asked =
      context.provider.quirks.noStream === true ? { ...context, stream: false, rawBody: undefined } : context;
    const encoded = turn.client.encode(dialect, turn.request, asked);
    attempt.start(
      turn.pool.dispatcherOf(context.provider, key?.proxy ?? context.provider.proxy),
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
    reply.write(sink.take());
    reply.end();
    return { kind: "done", usage: sink.usage, stopReason: sink.stopReason, firstToken: undefined };
  }
  const sink = new MessageCollector(context.model);
  dialect.answer(turn.request, sink, answerContext);
  reply.send(200, client.message(sink.message()));
  return { kind: "done", usage: sink.usage, stopReason: sink.stopReason, firstToken: undefined };
};
