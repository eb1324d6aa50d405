/** Which of LiteLLM's own providers speaks for a provider of the configuration. */
import type { ProviderConfig } from "../../config/types.ts";

export interface Native {
  /** What stands before the model in its name: LiteLLM's name of the provider, with `/responses` where that API of it is meant. */
  readonly provider: string;
  /** Another API than that of the provider's dialect: quirks of the dialect do not hold for it. */
  readonly ownApi: boolean;
  /** `api_base` as this provider of LiteLLM takes it; undefined where LiteLLM knows it better. */
  readonly apiBase: (baseUrl: string) => string | undefined;
}

interface NativeRow extends Native {
  /** Presets, and hosts of base URLs, that it is for. */
  readonly presets: readonly string[];
  readonly hosts: readonly string[];
}

const googleBase = "https://generativelanguage.googleapis.com/v1beta";

/** Of a base that is given it makes wrong addresses for Google's caches. */
const ownGoogleBase = (baseUrl: string): string | undefined => (baseUrl === googleBase ? undefined : baseUrl);

const asItIs = (baseUrl: string): string => baseUrl;

/** Providers for which LiteLLM has code of its own that does more than the plain dialect. Each with the reason. */
const rows: readonly NativeRow[] = [
  {
    // Signatures of thoughts, which Gemini 3 asks back with every tool call, and thinking itself go lost in Google's endpoint in
    // OpenAI's form as LiteLLM uses it. LiteLLM's own provider takes the native API, which lies one level up.
    provider: "gemini",
    presets: ["gemini-openai"],
    hosts: ["generativelanguage.googleapis.com"],
    ownApi: true,
    apiBase: (baseUrl) => ownGoogleBase(baseUrl.replace(/\/openai$/, "")),
  },
  {
    // Its own `reasoning` object, reasoning that is sent back, and cache markers: the plain dialect drops them.
    provider: "openrouter",
    presets: ["openrouter"],
    hosts: ["openrouter.ai"],
    ownApi: false,
    apiBase: asItIs,
  },
];

/** Any other provider: by the dialect that it speaks. `/v1/messages` and `/chat/completions` are added as ours are. */
const byDialect: Readonly<Partial<Record<ProviderConfig["dialect"], Native>>> = {
  anthropic: { provider: "anthropic", ownApi: false, apiBase: asItIs },
  "openai-chat": { provider: "openai", ownApi: false, apiBase: asItIs },
  gemini: { provider: "gemini", ownApi: true, apiBase: ownGoogleBase },
  // Its documents: the prefix `openai/responses/` sends a model to that API.
  "openai-responses": { provider: "openai/responses", ownApi: true, apiBase: asItIs },
};

/** @returns undefined for a dialect that LiteLLM does not speak (`demo`) */
export const nativeOf = (provider: ProviderConfig, preset: string | undefined): Native | undefined => {
  const plain = byDialect[provider.dialect];
  if (provider.dialect !== "openai-chat") return plain;
  const host = URL.parse(provider.baseUrl)?.hostname ?? "";
  return rows.find((row) => row.hosts.includes(host) || row.presets.includes(preset ?? "")) ?? plain;
};
