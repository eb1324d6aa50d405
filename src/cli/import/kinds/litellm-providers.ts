/** What stands before the slash of a model in LiteLLM (docs.litellm.ai/docs/providers, 1.102), and the provider of ours that it is. */
import type { DialectName } from "../../../config/types.ts";

export interface LiteLlmProvider {
  readonly preset?: string;
  readonly baseUrl?: string;
  readonly dialect?: DialectName;
  /** The variable that LiteLLM takes a key from by itself. */
  readonly variable?: string;
  /** Why there is none. */
  readonly none?: string;
}

const signed = (how: string): LiteLlmProvider => ({
  none: `${how}; leave this model to LiteLLM, and name LiteLLM as a provider (preset litellm)`,
});
const chat = (baseUrl: string, variable: string): LiteLlmProvider => ({
  baseUrl,
  dialect: "openai-chat",
  variable,
});

const rows: Readonly<Record<string, LiteLlmProvider>> = {
  openai: { preset: "openai", dialect: "openai-chat", variable: "OPENAI_API_KEY" },
  anthropic: { preset: "anthropic", dialect: "anthropic", variable: "ANTHROPIC_API_KEY" },
  gemini: { preset: "gemini", dialect: "gemini", variable: "GEMINI_API_KEY" },
  openrouter: { preset: "openrouter", dialect: "openai-chat", variable: "OPENROUTER_API_KEY" },
  deepseek: { preset: "deepseek-openai", dialect: "openai-chat", variable: "DEEPSEEK_API_KEY" },
  groq: { preset: "groq", dialect: "openai-chat", variable: "GROQ_API_KEY" },
  xai: { preset: "xai", dialect: "openai-chat", variable: "XAI_API_KEY" },
  mistral: { preset: "mistral", dialect: "openai-chat", variable: "MISTRAL_API_KEY" },
  dashscope: { preset: "dashscope", dialect: "openai-chat", variable: "DASHSCOPE_API_KEY" },
  moonshot: { preset: "moonshot-openai", dialect: "openai-chat", variable: "MOONSHOT_API_KEY" },
  zai: { preset: "zai-openai", dialect: "openai-chat", variable: "ZAI_API_KEY" },
  volcengine: { preset: "volcengine", dialect: "openai-chat", variable: "VOLCENGINE_API_KEY" },
  ollama: { preset: "ollama", dialect: "openai-chat" },
  ollama_chat: { preset: "ollama", dialect: "openai-chat" },
  lm_studio: { preset: "lmstudio", dialect: "openai-chat" },
  hosted_vllm: { preset: "vllm", dialect: "openai-chat" },
  litellm_proxy: { preset: "litellm", dialect: "openai-chat", variable: "LITELLM_PROXY_API_KEY" },
  perplexity: chat("https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"),
  together_ai: chat("https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
  fireworks_ai: chat("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
  cerebras: chat("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
  nvidia_nim: chat("https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"),
  azure: signed("Azure has the deployment and a version in its address"),
  azure_ai: signed("Azure has a version in its address"),
  bedrock: signed("Bedrock signs its requests with AWS credentials"),
  vertex_ai: signed("Vertex signs in with a Google account"),
  sagemaker: signed("SageMaker signs its requests with AWS credentials"),
  github_copilot: signed("Copilot signs in by a login of its own"),
};

/**
 * @param name as LiteLLM has it: `openrouter/x-ai/grok-4.1-fast`, or a bare id of OpenAI's or Anthropic's
 * @returns the provider, and its own id of the model
 */
export const litellmModel = (
  name: string,
  custom: string | undefined,
): { provider: LiteLlmProvider; prefix: string; model: string } => {
  const slash = name.indexOf("/");
  const before = slash < 0 ? "" : name.slice(0, slash);
  const known = Object.hasOwn(rows, before) ? rows[before] : undefined;
  if (custom !== undefined && Object.hasOwn(rows, custom) && rows[custom] !== undefined)
    return {
      provider: rows[custom],
      prefix: custom,
      model: known !== undefined && before === custom ? name.slice(slash + 1) : name,
    };
  if (known !== undefined) {
    const rest = name.slice(slash + 1);
    // Its own way to the Responses API.
    return before === "openai" && rest.startsWith("responses/")
      ? {
          provider: { preset: "openai-responses", dialect: "openai-responses", variable: "OPENAI_API_KEY" },
          prefix: before,
          model: rest.slice(10),
        }
      : { provider: known, prefix: before, model: rest };
  }
  const bare = /^claude/i.test(name)
    ? "anthropic"
    : /^(?:gpt|o\d|chatgpt|codex)/i.test(name)
      ? "openai"
      : undefined;
  const provider = bare === undefined ? undefined : rows[bare];
  if (provider !== undefined) return { provider, prefix: bare ?? "", model: name };
  const none = `LiteLLM's provider of "${before === "" ? name : before}" is not known here; name its address: dialect and baseUrl of a provider`;
  return { provider: { none }, prefix: before, model: name };
};
