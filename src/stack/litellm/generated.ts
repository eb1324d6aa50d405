/** LiteLLM's configuration out of Switchyard's own: the same providers, routes and aliases, as far as LiteLLM has a form for them. */
import type { ConfigSource } from "../../config/source.ts";
import { type Config, type Target, targetName } from "../../config/types.ts";
import { clientKeyVariable, masterKeyVariable } from "../../shared/container-layout.ts";
import { cacheMinimumReserve, geminiCacheMinima } from "./cache-minimum.ts";
import { type Deployment, deploymentsOf, mockDeployment } from "./deployments.ts";
import { Keys } from "./keys.ts";
import { otherNames, refusedProviders } from "./names.ts";
import {
  everyTarget,
  largerWindows,
  namedTargets,
  patterns,
  servable,
  standIns,
  unreachableRoutes,
  unservable,
} from "./routes.ts";

export interface Generated {
  readonly document: Record<string, unknown>;
  readonly keys: Record<string, string>;
  readonly notices: string[];
}

/** What stands behind a name, for the two ways in which a request can fail over. */
type FallbackList = Record<string, string[]>;

/** What a mock answer says. `{model}` is put in by the hooks. */
const mockText = (targets: readonly Target[], config: Config): string => {
  const why = targets
    .filter(({ provider }) => config.providers.get(provider)?.dialect !== "demo")
    .map(
      (target) => `${targetName(target)} (${unservable(config.providers.get(target.provider)) ?? "unused"})`,
    );
  return [
    "LiteLLM answers by itself: a request for `{model}` reached no model, because no provider of its route can be used.",
    ...(why.length === 0 ? [] : [`In the route: ${why.join(", ")}.`]),
    "Set a key (for example GEMINI_API_KEY or OPENROUTER_API_KEY) and start again.",
  ].join(" ");
};

/**
 * The name that any model of a provider has. With a slash: of a name with a comma LiteLLM makes two models on
 * /v1/chat/completions, so the hooks turn the one into the other.
 */
const wildcard = (provider: string): string => `${provider}/*`;

/** Every target under its own name, and every name that Claude Code asks for. */
const modelList = (config: Config, source: ConfigSource, keys: Keys): Deployment[] => {
  const context = { config, source, keys };
  const named = servable(everyTarget(config), config).filter(({ model }) => model !== "*");
  const providers = [...config.providers.values()].filter((each) => unservable(each) === undefined);
  const asked = patterns(config).flatMap(({ match, route }) => {
    const [first] = servable(route.use, config);
    return first === undefined
      ? [mockDeployment(match, mockText(route.use, config))]
      : deploymentsOf(match, first, context);
  });
  const demos = [...config.providers.values()].filter(({ dialect }) => dialect === "demo");
  return [
    ...named.flatMap((target) => deploymentsOf(targetName(target), target, context)),
    ...asked,
    ...providers.flatMap(({ name }) =>
      deploymentsOf(wildcard(name), { provider: name, model: "*" }, context),
    ),
    ...demos.map(({ name }) => mockDeployment(wildcard(name), mockText([], config))),
  ];
};

/** The groups of targets. `provider,*` has none under its own name: what was asked for is put in for the `*`. */
const names = (targets: readonly Target[]): string[] =>
  targets.map((target) => (target.model === "*" ? wildcard(target.provider) : targetName(target)));

/** For targets that are asked for by name: LiteLLM's own lists. */
const fallbacksByName = (config: Config): { usual: FallbackList[]; window: FallbackList[] } => {
  const targets = servable(everyTarget(config), config).filter(({ model }) => model !== "*");
  const list = (of: (target: Target) => Target[]): FallbackList[] =>
    targets.flatMap((target) => {
      const found = names(of(target));
      return found.length === 0 ? [] : [{ [targetName(target)]: found }];
    });
  return {
    usual: list((target) => standIns(target, config)),
    window: list((target) => largerWindows(target, standIns(target, config), config)),
  };
};

/** The same for names with `*`, where LiteLLM has no lists: the hooks put them in. */
const fallbacksByPattern = (config: Config): Record<string, unknown>[] =>
  patterns(config).flatMap(({ match, route }) => {
    const [first, ...others] = servable(route.use, config);
    if (first === undefined) return [{ match, fallbacks: [], context_window_fallbacks: [] }];
    const larger = largerWindows(first, others, config);
    return [{ match, fallbacks: names(others), context_window_fallbacks: names(larger) }];
  });

const noticesOf = (config: Config): string[] => {
  const unreachable = unreachableRoutes(config);
  const routes = unreachable.filter((name) => name !== "longContext");
  const logins = namedTargets(config).filter(
    ({ provider }) => config.providers.get(provider)?.auth === "passthrough",
  );
  const without = [
    ...(routes.length === 0 ? [] : [`without ${routes.join(", ")}`]),
    ...(routes.length === unreachable.length
      ? []
      : ["without the threshold of longContext, whose targets serve what is too long for another model"]),
  ];
  return [
    ...(without.length === 0 ? [] : [`LiteLLM goes by the model's name alone: ${without.join(", and ")}.`]),
    ...(logins.length === 0
      ? []
      : [`LiteLLM does not forward the client's own login: without ${logins.map(targetName).join(", ")}.`]),
  ];
};

export const generate = (
  config: Config,
  source: ConfigSource,
  options: { clientKey: string; masterKey: string },
): Generated => {
  const keys = new Keys(options);
  const list = modelList(config, source, keys);
  const { usual, window } = fallbacksByName(config);
  const byPattern = fallbacksByPattern(config);
  const others = otherNames(config);
  const hasGemini = list.some(({ litellm_params }) => String(litellm_params["model"]).startsWith("gemini/"));
  const countsTokens =
    window.length > 0 || byPattern.some((each) => (each["context_window_fallbacks"] as string[]).length > 0);
  const document = {
    model_list: list,
    router_settings: {
      // A request goes on at the next target at once; where there is none, Claude Code itself tries again.
      num_retries: 0,
      ...(usual.length > 0 && { fallbacks: usual }),
      ...(window.length > 0 && { context_window_fallbacks: window }),
      // Counts each request against max_input_tokens, so that what is too long is not sent in vain.
      ...(countsTokens && { enable_pre_call_checks: true }),
      ...(others.size > 0 && { model_group_alias: Object.fromEntries(others) }),
    },
    litellm_settings: {
      // What a provider does not know is left out instead of refused: Claude Code sends much that only Anthropic knows.
      drop_params: true,
      // Its default is 6,000 s.
      request_timeout: 600,
      // Without it, /v1/messages goes to OpenAI's Responses API, which servers of the same form do not have.
      use_chat_completions_url_for_anthropic_messages: true,
      telemetry: false,
      set_verbose: false,
      suppress_debug_info: true,
      turn_off_message_logging: true,
      redact_user_api_key_info: true,
      // Errors go to the client: not with the names of everything that is configured.
      expose_router_debug_in_errors: false,
      callbacks: ["switchyard_hooks.hooks"],
    },
    general_settings: {
      // An administrator's. Nobody is told it; clients send another (switchyard_auth.py).
      master_key: `os.environ/${masterKeyVariable}`,
      custom_auth: "switchyard_auth.check",
      disable_spend_logs: true,
      disable_error_logs: true,
      store_model_in_db: false,
      allow_client_side_credentials: false,
    },
    // Not LiteLLM's: what switchyard_hooks.py and switchyard_auth.py go by.
    switchyard: {
      client_key: `os.environ/${clientKeyVariable}`,
      patterns: byPattern,
      refused: refusedProviders(config),
      ...(hasGemini && { cache_minimum: { reserve: cacheMinimumReserve, models: geminiCacheMinima } }),
    },
  };
  return { document, keys: keys.values, notices: noticesOf(config) };
};
