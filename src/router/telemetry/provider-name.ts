/** `gen_ai.provider.name`: the conventions' own names of providers, where it is one of those. */
import type { Config } from "../../config/types.ts";

/** opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai, by the host of the provider's address. */
const known: Readonly<Record<string, string>> = {
  "api.anthropic.com": "anthropic",
  "api.openai.com": "openai",
  "generativelanguage.googleapis.com": "gcp.gemini",
  "api.deepseek.com": "deepseek",
  "api.groq.com": "groq",
  "api.mistral.ai": "mistral_ai",
  "api.x.ai": "x_ai",
  "api.perplexity.ai": "perplexity",
};

/** Else the name that it has in the configuration; `other` where it is not in it. */
export const providerName = (provider: string, config: Config): string => {
  const found = config.providers.get(provider);
  if (found === undefined) return "other";
  return known[URL.parse(found.baseUrl)?.hostname ?? ""] ?? provider;
};
