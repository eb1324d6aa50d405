/** Entries of LiteLLM's `model_list` (docs.litellm.ai/docs/proxy/configs). */
import { type ProviderSecrets, providerSecrets } from "../../config/container.ts";
import { urlFromContainer } from "../../config/loopback-url.ts";
import { modelInfoOf } from "../../config/model-info.ts";
import type { ConfigSource } from "../../config/source.ts";
import type { Config, ProviderConfig, Target } from "../../config/types.ts";
import type { Keys } from "./keys.ts";
import { nativeOf } from "./native.ts";

/** One entry: a name that clients ask for, and one way to answer it. Entries of the same name share its requests. */
export interface Deployment {
  readonly model_name: string;
  readonly litellm_params: Record<string, unknown>;
  readonly model_info?: Record<string, unknown>;
}

/** A key must be given, or LiteLLM takes whatever its environment holds for the provider's kind: perhaps another one's key. */
const noKey = "none";

/** What the quirks of a provider ask for, as far as LiteLLM has a setting for it. They hold for the dialect that they were written for. */
const quirkParams = ({ quirks }: ProviderConfig): Record<string, unknown> => {
  const dropped = [
    ...(quirks.dropFields ?? []),
    ...(quirks.noParallelToolCalls === true ? ["parallel_tool_calls"] : []),
    ...(quirks.userIdLength === 0 ? ["user"] : []),
  ];
  return {
    ...(dropped.length > 0 && { additional_drop_params: dropped }),
    ...(quirks.extraBody !== undefined && { extra_body: quirks.extraBody }),
  };
};

/** What carries the key: `api_key`, and a header where the provider reads the other one than LiteLLM would send. */
const access = (
  provider: ProviderConfig,
  native: string,
  keys: Keys,
  key: ProviderSecrets["keys"][number] | undefined,
): { api_key: string; headers: Record<string, string> } => {
  if (key === undefined) return { api_key: noKey, headers: {} };
  const plain = keys.reference(key);
  if (native === "anthropic" && provider.keyHeader === "authorization") {
    const bearer = keys.derived(key, "bearer", `Bearer ${key.value}`);
    return { api_key: plain, headers: { authorization: bearer } };
  }
  if (native !== "anthropic" && native !== "gemini" && provider.keyHeader !== "authorization")
    return { api_key: noKey, headers: { [provider.keyHeader]: plain } };
  return { api_key: plain, headers: {} };
};

/** Headers of the configuration; what is secret in them is named, not written. */
const configuredHeaders = (
  provider: ProviderConfig,
  secrets: ProviderSecrets,
  keys: Keys,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(provider.headers).map(([name, value]) => {
      const secret = secrets.headers.get(name);
      return [name, secret === undefined ? value : keys.reference(secret)];
    }),
  );

const modelInfo = (config: Config, target: Target): Record<string, unknown> | undefined => {
  const known = modelInfoOf(config, target);
  if (known?.context === undefined && known?.maxOutput === undefined) return undefined;
  return {
    ...(known.context !== undefined && { max_input_tokens: known.context }),
    ...(known.maxOutput !== undefined && { max_output_tokens: known.maxOutput }),
  };
};

/**
 * The entries for a target under a name: one for each key of its provider.
 * @param name may hold `*`; the model of a target `provider,*` is then what was asked for
 * @returns none where LiteLLM cannot serve the provider
 */
export const deploymentsOf = (
  name: string,
  target: Target,
  context: { config: Config; source: ConfigSource; keys: Keys },
): Deployment[] => {
  const provider = context.config.providers.get(target.provider);
  if (provider === undefined || provider.disabled !== undefined || provider.auth === "passthrough") return [];
  const secrets = providerSecrets(context.source, provider.name);
  const native = nativeOf(provider, secrets.preset);
  if (native === undefined) return [];
  const info = modelInfo(context.config, target);
  const apiBase = native.apiBase(urlFromContainer(provider.baseUrl));
  const seconds = Math.ceil(Math.max(provider.timeouts.firstByte, provider.timeouts.idle) / 1000);
  return (provider.auth === "none" ? [undefined] : secrets.keys).map((key): Deployment => {
    const { api_key, headers } = access(provider, native.provider, context.keys, key);
    const allHeaders = { ...configuredHeaders(provider, secrets, context.keys), ...headers };
    return {
      model_name: name,
      litellm_params: {
        model: `${native.provider}/${target.model}`,
        // A name with several `*` leaves LiteLLM the bare id that was asked for.
        ...(target.model === "*" && { custom_llm_provider: native.provider.split("/", 1)[0] }),
        ...(apiBase !== undefined && { api_base: apiBase }),
        api_key,
        ...(Object.keys(allHeaders).length > 0 && { extra_headers: allHeaders }),
        timeout: seconds,
        ...(native.ownApi ? {} : quirkParams(provider)),
      },
      ...(info !== undefined && { model_info: info }),
    };
  });
};

/** An entry that answers by itself, without a provider. `{model}` in the text becomes the name that was asked for. */
export const mockDeployment = (name: string, text: string): Deployment => ({
  model_name: name,
  litellm_params: { model: "openai/demo", api_key: noKey, mock_response: text },
});
