/** Asks providers one small question each, by the router's own code, and says what came of it. */
import { type Config, routeNames, splitTargetName, type Target } from "../../config/types.ts";
import { readConfigSource } from "../../config/source.ts";
import { treeAt } from "../../config/tree.ts";
import { mergeYaml } from "../../config/yaml-merge.ts";
import { messageOf } from "../../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import { startProbeRouter } from "./router.ts";

/** What is to be asked. */
export interface ProviderProbe {
  readonly provider: string;
  /** Of the provider; one that is cheap. */
  readonly model: string;
  /** How many keys it has: each is asked once. */
  readonly keys: number;
}

export interface ProbeResult extends ProviderProbe {
  /** Of the first answer, in milliseconds. */
  readonly took: number;
  /** Why it does not answer, in the router's words; undefined where it does. */
  readonly problem?: string;
  /** Keys that were refused though another one answered: their names, with the reason. */
  readonly badKeys: readonly string[];
}

/** The model of Anthropic's that is asked where the configuration keeps the client's id: its cheapest. */
const anthropicModel = "claude-haiku-4-5";

const askable = (provider: string, model: string, keys: number): ProviderProbe => ({
  provider,
  model: model === "*" ? anthropicModel : model,
  keys,
});

/** The providers of a configuration that can be asked for an answer: those that something names, that have what they need, and that need no login of the client's. */
export const probesOf = (config: Config): ProviderProbe[] =>
  [...config.providers.values()].flatMap(({ name, dialect, auth, disabled, keys }) => {
    const model = modelToAsk(config, name);
    const isAsked = dialect !== "demo" && auth !== "passthrough" && disabled === undefined;
    return isAsked && model !== undefined ? [askable(name, model, keys.length)] : [];
  });

/** Of a target, by its name. */
export const probeOf = (target: string): ProviderProbe => {
  const { provider, model } = splitTargetName(target);
  return askable(provider, model, 1);
};

/** The first model of a provider that routes, aliases or profiles name; undefined where there is none. */
const modelToAsk = (config: Config, provider: string): string | undefined => {
  const { background, ...routes } = config.routes;
  const targets: readonly Target[] = [
    // What is meant for small tasks costs least.
    ...(background?.use ?? []),
    ...Object.values(routes).flatMap(({ use }) => use),
    ...config.aliases.values(),
    ...[...config.profiles.values()].flatMap(({ models }) => [
      ...(models.haiku ?? []),
      ...Object.values(models).flat(),
    ]),
  ];
  const own = targets.filter((target) => target.provider === provider);
  return (own.find(({ model }) => model !== "*") ?? own[0])?.model;
};

/** The configuration with nothing in it that could answer in another provider's place, spend a budget or write an account. */
const alone = (
  text: string,
  variables: Readonly<Record<string, string>>,
  probes: readonly ProviderProbe[],
): string => {
  const { tree } = readConfigSource({ env: variables, keyFiles: false, fileText: text });
  // One that a profile alone names is its preset only as long as it is not written down.
  const presetOf = (provider: string): { preset?: string } => {
    const preset = treeAt(tree, ["providers", provider, "preset"]);
    return preset?.kind === "scalar" ? { preset: String(preset.value) } : {};
  };
  return mergeYaml(text, {
    routes: { ...Object.fromEntries(routeNames.map((name) => [name, null])), default: "demo,echo" },
    rules: [],
    rulesScript: "",
    budgets: [],
    aliases: {},
    telemetry: { endpoint: "" },
    ledger: { enabled: false },
    capture: { requests: false, answers: false },
    server: { clientKeys: [], waitForRest: "0s" },
    log: { level: "warn" },
    providers: {
      ...Object.fromEntries(
        probes.map(({ provider }) => [
          provider,
          { ...presetOf(provider), keyStrategy: "round-robin", failures: { tries: 1 } },
        ]),
      ),
      demo: { dialect: "demo" },
    },
  }).text;
};

const question = (target: string): unknown => ({
  model: target,
  // Enough for a model that thinks before it speaks.
  max_tokens: 64,
  messages: [{ role: "user", content: "Reply with the word OK." }],
});

const wordsOf = (status: number, text: string): string => {
  const error = parseJsonObject(text)?.["error"];
  const words = isJsonObject(error) && typeof error["message"] === "string" ? error["message"] : text.trim();
  return words === "" ? `status ${status}` : words;
};

/**
 * @param text the user's configuration
 * @param variables what it refers to, with their values
 * @param tell gets each result as it comes
 * @throws SwitchyardError fuse.routerFailed where the router does not start with it
 */
export const probeProviders = async (
  text: string,
  variables: Readonly<Record<string, string>>,
  probes: readonly ProviderProbe[],
  tell: (result: ProbeResult) => void = () => undefined,
): Promise<ProbeResult[]> => {
  if (probes.length === 0) return [];
  const router = await startProbeRouter(alone(text, variables, probes), variables);
  const askOne = async (probe: ProviderProbe): Promise<ProbeResult> => {
    const began = performance.now();
    const target = `${probe.provider},${probe.model}`;
    let took: number | undefined;
    let problem: string | undefined;
    try {
      for (let i = 0; i < Math.max(1, probe.keys) && problem === undefined; i++) {
        const { status, text: body } = await router.ask("/v1/messages", question(target));
        took ??= Math.round(performance.now() - began);
        if (status !== 200) problem = wordsOf(status, body);
      }
    } catch (error) {
      problem = messageOf(error);
    }
    const badKeys = problem === undefined && probe.keys > 1 ? await restingKeys(router, probe.provider) : [];
    const result = {
      ...probe,
      took: took ?? Math.round(performance.now() - began),
      ...(problem !== undefined && { problem }),
      badKeys,
    };
    tell(result);
    return result;
  };
  try {
    return await Promise.all(probes.map(askOne));
  } finally {
    await router.close();
  }
};

/** Keys that the router leaves alone after it has asked with them. */
const restingKeys = async (
  router: Awaited<ReturnType<typeof startProbeRouter>>,
  provider: string,
): Promise<string[]> => {
  const { text } = await router.ask("/api/state");
  const targets = parseJsonObject(text)?.["targets"];
  return (Array.isArray(targets) ? targets : []).flatMap((each: unknown) =>
    isJsonObject(each) &&
    each["provider"] === provider &&
    typeof each["key"] === "string" &&
    each["state"] !== "well"
      ? [`${each["key"]} (${String(each["reason"] ?? each["state"])})`]
      : [],
  );
};
