/** The call that opens a key's billing window: as small as a request can be, past rules, strategies and limits, with this very key. */
import { modelInfoOf } from "../../config/model-info.ts";
import type { Config, ProviderConfig, ProviderKey } from "../../config/types.ts";
import { providerCredentials } from "../auth.ts";
import type { DialectContext, HttpDialect, UpstreamFailure } from "../dialects/dialect.ts";
import { dialectOf } from "../dialects/index.ts";
import { MessageCollector } from "../sinks/message-collector.ts";
import { callOnce } from "../upstream/call-once.ts";
import type { UpstreamPool } from "../upstream/pool.ts";
import type { ActivationPlan } from "./activate.ts";

/** What the calls go by. `redact` takes keys out of a provider's words. */
export interface WindowContext {
  readonly config: Config;
  readonly pool: UpstreamPool;
  readonly redact: (text: string) => string;
}

/** Of one call, in milliseconds: a window that opens later would be opened by the user. */
const callLasts = 60_000;
/** OpenAI's Responses API takes no less. */
const smallestOutput = 16;

const textOf = ({ message }: UpstreamFailure): string => message;

/** What is wrong with an answer; undefined: nothing. */
const problemOf = (
  dialect: HttpDialect,
  context: DialectContext,
  status: number,
  body: string,
): string | undefined => {
  if (status < 200 || status > 299)
    return `status ${status}: ${textOf(dialect.decodeError(status, {}, body))}`;
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    return "the answer is not JSON";
  }
  // A failure inside an answer that says 200 opened no window.
  const sink = new MessageCollector(context.model);
  dialect.decodeMessage(message, sink, context);
  return sink.failure && textOf(sink.failure);
};

const openWindow = async (
  { config, pool, redact }: WindowContext,
  provider: ProviderConfig,
  key: ProviderKey,
): Promise<void> => {
  const dialect = dialectOf(provider.dialect);
  const model = key.activateModel;
  if (dialect.kind !== "http" || model === undefined) return;
  const request = {
    model,
    max_tokens: smallestOutput,
    messages: [{ role: "user" as const, content: "Say ok." }],
  };
  const context: DialectContext = {
    provider,
    model,
    info: modelInfoOf(config, { provider: provider.name, model }),
    stream: false,
    query: "",
    clientHeaders: {},
    rawBody: undefined,
    request,
  };
  const { path, headers, body } = dialect.encode(request, context);
  const answer = await callOnce(
    pool.dispatcherOf(provider, key.proxy ?? provider.proxy),
    provider.baseUrl,
    {
      method: "POST",
      path,
      headers: { ...headers, ...provider.headers, ...providerCredentials(provider, key.value, {}) },
      body: body.toString(),
    },
    AbortSignal.timeout(callLasts),
  );
  const problem = problemOf(dialect, context, answer.status, answer.body ?? "");
  if (problem !== undefined) throw new Error(redact(problem));
};

/** The plans of a configuration's keys. Each call goes by the provider and the key as they were when the plan was made. */
export const windowPlans = (context: WindowContext): readonly ActivationPlan[] =>
  [...context.config.providers.values()]
    .filter(({ disabled }) => disabled === undefined)
    .flatMap((provider) =>
      provider.keys
        .filter(({ activate }) => activate.length > 0)
        .map((key) => ({
          provider: provider.name,
          key,
          call: () => openWindow(context, provider, key),
        })),
    );
