/** Runs a turn: target by target, key by key, until the client has its answer or nothing is left to try. */
import { modelInfoOf } from "../../config/model-info.ts";
import { targetName, type ProviderConfig, type Target } from "../../config/types.ts";
import { redactor } from "../../shared/log.ts";
import { providerCredentials } from "../auth.ts";
import type { DialectContext, HttpDialect, LocalDialect, UpstreamFailure } from "../dialects/dialect.ts";
import { dialectOf } from "../dialects/index.ts";
import { searchToolOf } from "../dialects/shared/search-tool.ts";
import { speaksSame } from "../inbound/client-form.ts";
import { asksForJudgement } from "../inbound/safeguards.ts";
import type { AskModel } from "../search/run.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import { inability } from "./abilities.ts";
import { askTwice } from "./again.ts";
import { Attempt, type AttemptReply } from "./attempt.ts";
import type { Outcome } from "./outcome.ts";
import { nextAfter } from "./taxonomy.ts";
import type { Turn } from "./turn.ts";

interface Failed {
  target: string;
  failure: UpstreamFailure;
}

/** Never rejects: whatever happens, the client is answered and the log has a line. */
export const runTurn = async (turn: Turn): Promise<void> => {
  const began = performance.now();
  const failed: Failed[] = [];
  if (turn.request.stream === true) turn.reply.holdStream();
  let outcome: Outcome | undefined;
  try {
    outcome = await tryTargets(turn, failed);
  } catch (error) {
    turn.log.error({ requestId: turn.id, err: error }, "a turn failed inside the router");
    try {
      turn.reply.fail({
        status: 500,
        type: "api_error",
        message: "Something went wrong inside Switchyard; its log says what",
      });
    } catch {
      // An answer that cannot be written must not leave the client waiting.
      turn.reply.drop();
    }
  }
  logTurn(turn, outcome, failed, began);
};

const tryTargets = async (turn: Turn, failed: Failed[]): Promise<Outcome> => {
  for (const target of turn.targets) {
    if (turn.reply.aborted) return { kind: "aborted" };
    const provider = turn.config.providers.get(target.provider);
    if (provider === undefined) continue;
    const keys: readonly (string | undefined)[] = provider.auth === "key" ? provider.keys : [undefined];
    for (const key of keys) {
      turn.progress.target = targetName(target);
      const outcome = await askTwice(turn, (asked) => tryTarget(asked, provider, target, key));
      if (outcome.kind !== "failed") return outcome;
      const failure = withoutSecrets(outcome.failure, turn);
      if (isRejectedKey(provider, failure)) failure.hopeless = true;
      failed.push({ target: targetName(target), failure });
      logFailure(turn, provider, failure);
      if (turn.reply.aborted) return { kind: "aborted" };
      const next = failure.elsewhere === true ? "next-target" : nextAfter(failure.status);
      if (next === "give-back") return giveUp(turn, failed);
      if (next === "next-target") break;
    }
  }
  return giveUp(turn, failed);
};

/** A provider may quote the key that it was sent, or the user's own. */
const redacted = (text: string, turn: Turn): string => {
  const own = redactor(
    Object.values(turn.own as Record<string, string>).flatMap((value) => value.split(/\s+/)),
  );
  return own(turn.redact(text));
};

const withoutSecrets = (failure: UpstreamFailure, turn: Turn): UpstreamFailure => {
  const out = { ...failure, message: redacted(failure.message, turn) };
  if (failure.body === undefined) return out;
  const said = failure.body.toString("utf8");
  const clean = redacted(said, turn);
  return clean === said ? out : { ...out, body: Buffer.from(clean) };
};

const tryTarget = (
  turn: Turn,
  provider: ProviderConfig,
  target: Target,
  key: string | undefined,
): Promise<Outcome> => {
  turn.progress.attempts++;
  const dialect = dialectOf(provider.dialect);
  const context = contextOf(turn, provider, target);
  if (dialect.kind === "local") return Promise.resolve(answerLocally(turn, dialect, context));
  const call = { dialect, context, key };
  if (searchToolOf(turn.request) !== undefined) return tryWithSearch(turn, target, call);
  return tryPlainly(turn, target, call);
};

/** Nothing is asked for but an answer of the model, or the provider does all by itself. */
const tryPlainly = (turn: Turn, target: Target, call: Call): Promise<Outcome> => {
  const { provider, info } = call.context;
  const failure = inability(turn.request, provider, info, targetName(target));
  if (failure !== undefined) return Promise.resolve({ kind: "failed", failure });
  const judged = turn.client.name === "anthropic" && provider.quirks.rawStream !== true;
  return judged && asksForJudgement(turn.request) && (turn.request.tools ?? []).length > 0
    ? tryJudged(turn, call)
    : callProvider(turn, call);
};

/** The client wants its calls judged, and no provider but Anthropic does that by itself. */
const tryJudged = async (turn: Turn, call: Call): Promise<Outcome> => {
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

const tryWithSearch = async (turn: Turn, target: Target, call: Call): Promise<Outcome> => {
  // Imported with the first search: many routers never see one.
  const [{ searchesOnly, searchPlan }, { runSearchTurn }] = await Promise.all([
    import("../search/plan.ts"),
    import("../search/run.ts"),
  ]);
  if (turn.reply.aborted) return { kind: "aborted" };
  const { dialect, context } = call;
  const plan = searchPlan(turn.request, dialect, context, turn);
  if (plan === undefined) return tryPlainly(turn, target, call);
  const sent = plan.searcher.request(turn.request);
  const wanted = plan.nobody === true && searchesOnly(turn.request);
  const failure =
    inability(sent, context.provider, context.info, targetName(target)) ??
    (wanted ? unableToSearch(turn, target) : undefined);
  if (failure !== undefined) return { kind: "failed", failure };
  return runSearchTurn({
    turn: { ...turn, redact: (text) => redacted(text, turn) },
    model: context.model,
    ...plan,
    ask: askerOf(turn, call),
  });
};

/** Nobody could search here, and a target behind this one can. */
const unableToSearch = (turn: Turn, target: Target): UpstreamFailure | undefined => {
  const searches = (other: Target): boolean => {
    const provider = turn.config.providers.get(other.provider);
    const dialect = provider && dialectOf(provider.dialect);
    if (provider === undefined || dialect?.kind !== "http") return false;
    return dialect.webSearch(turn.request, contextOf(turn, provider, other)) !== "none";
  };
  if (!turn.targets.slice(turn.targets.indexOf(target) + 1).some(searches)) return undefined;
  return {
    status: 400,
    type: "invalid_request_error",
    message: `${targetName(target)} has no web search of its own, and no search engine is set up.`,
    elsewhere: true,
  };
};

const contextOf = (turn: Turn, provider: ProviderConfig, target: Target): DialectContext => {
  const dialect = dialectOf(provider.dialect);
  const model = target.model === "*" ? turn.request.model : target.model;
  return {
    provider,
    model,
    info: modelInfoOf(turn.config, { provider: target.provider, model }),
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
  readonly key: string | undefined;
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
      turn.pool.dispatcherOf(context.provider),
      encoded,
      providerCredentials(context.provider, key, turn.own),
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
    return { kind: "done", usage: sink.usage, stopReason: sink.stopReason };
  }
  const sink = new MessageCollector(context.model);
  dialect.answer(turn.request, sink, answerContext);
  reply.send(200, client.message(sink.message()));
  return { kind: "done", usage: sink.usage, stopReason: sink.stopReason };
};

/** Tells the client the true reason: the last target's, with what the ones before it said. */
const giveUp = (turn: Turn, failed: Failed[]): Outcome => {
  const last = failed.at(-1);
  if (last === undefined) {
    const failure = { status: 503, type: "api_error", message: "No target of the route could be tried" };
    turn.reply.fail(failure);
    return { kind: "failed", failure };
  }
  const failure = { ...last.failure };
  // A single provider's own error body goes back as it is; with more of them tried, all are named.
  if (failed.length > 1) {
    delete failure.body;
    const others = failed.slice(0, -1).map((each) => `${each.target}: ${short(each.failure.message)}`);
    failure.message = `${last.target}: ${failure.message} (tried before: ${others.join("; ")})`;
  }
  turn.reply.fail(failure);
  return { kind: "failed", failure };
};

/** A key of the configuration that the provider refuses; a user's own login is the client's to renew. */
const isRejectedKey = (provider: ProviderConfig, failure: UpstreamFailure): boolean =>
  (failure.status === 401 || failure.status === 403) && provider.auth === "key";

/** A provider may quote the whole request in its words; logs and lists of failures are no place for it. */
const short = (words: string): string => (words.length > 500 ? `${words.slice(0, 500)}…` : words);

const logFailure = (
  turn: Turn,
  provider: ProviderConfig,
  failure: UpstreamFailure & { code?: string },
): void => {
  const rejected = isRejectedKey(provider, failure);
  const code = rejected ? "upstream.keyRejected" : (failure.code ?? "upstream.failed");
  turn.log.warn(
    {
      requestId: turn.id,
      code,
      provider: provider.name,
      target: turn.progress.target,
      status: failure.status,
    },
    rejected
      ? `${provider.name} does not accept its key (status ${failure.status}): ${short(failure.message)}`
      : `${turn.progress.target} failed (status ${failure.status}): ${short(failure.message)}`,
  );
};

const logTurn = (turn: Turn, outcome: Outcome | undefined, failed: Failed[], began: number): void => {
  const usage = outcome !== undefined && "usage" in outcome ? outcome.usage : undefined;
  turn.log.info(
    {
      requestId: turn.id,
      rule: turn.rule,
      target: turn.progress.target,
      attempts: turn.progress.attempts,
      providerRequestId: turn.progress.providerRequestId,
      outcome: outcome?.kind ?? "error",
      ms: Math.round(performance.now() - began),
      ...(usage !== undefined && { input: usage.input_tokens, output: usage.output_tokens }),
      ...(outcome?.kind === "cut" && { reason: short(redacted(outcome.failure.message, turn)) }),
      ...(failed.length > 0 && { failed: failed.map((each) => `${each.target} ${each.failure.status}`) }),
    },
    "turn",
  );
};
