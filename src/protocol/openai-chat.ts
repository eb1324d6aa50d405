/**
 * OpenAI Chat Completions as it is on the wire (developers.openai.com, api reference, chat; streaming). Requests are typed as they are
 * sent. Answers are typed as they may come: every provider of this form bends it, so each field must be checked before it is used.
 */

export interface ChatTextPart {
  type: "text";
  text: string;
  cache_control?: { type: string; ttl?: string };
}

export interface ChatImagePart {
  type: "image_url";
  image_url: { url: string };
}

export interface ChatFilePart {
  type: "file";
  file: { filename: string; file_data: string };
}

export type ChatPart = ChatTextPart | ChatImagePart | ChatFilePart;

export interface ChatToolCall {
  id: string;
  /** `builtin_function`: Kimi's own. */
  type: "function" | "builtin_function";
  function: { name: string; arguments: string };
  /** Google's thought signatures travel here (ai.google.dev, openai compatibility). */
  extra_content?: unknown;
}

export interface ChatSystemMessage {
  role: "system";
  content: string | ChatTextPart[];
}

export interface ChatUserMessage {
  role: "user";
  content: string | ChatPart[];
}

export interface ChatAssistantMessage {
  role: "assistant";
  content: string | ChatTextPart[] | null;
  tool_calls?: ChatToolCall[];
  reasoning_content?: string;
  reasoning?: string;
  reasoning_details?: unknown[];
}

export interface ChatToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string | ChatPart[];
}

export type ChatMessage = ChatSystemMessage | ChatUserMessage | ChatAssistantMessage | ChatToolMessage;

export interface ChatFunctionTool {
  type: "function";
  function: { name: string; description?: string; parameters: Record<string, unknown>; strict?: boolean };
}

export type ChatToolChoice = "auto" | "none" | "required" | { type: "function"; function: { name: string } };

export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  [field: string]: unknown;
}

/** Token counts: `prompt_tokens` includes what was read from and written to the cache, unlike Anthropic's. */
export interface ChatUsage {
  prompt_tokens?: number | null;
  completion_tokens?: number | null;
  total_tokens?: number | null;
  prompt_tokens_details?: {
    cached_tokens?: number | null;
    cache_write_tokens?: number | null;
    cache_creation_tokens?: number | null;
    created_cache_tokens?: number | null;
  } | null;
  completion_tokens_details?: { reasoning_tokens?: number | null } | null;
  /** DeepSeek. */
  prompt_cache_hit_tokens?: number | null;
  /** OpenRouter: `{web_search_requests}`. */
  server_tool_use?: unknown;
  /** Moonshot. */
  cached_tokens?: number | null;
  /** Databricks, LiteLLM. */
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
}

/** A piece of a tool call in a stream, or a whole one in a message. */
export interface ChatToolCallDelta {
  index?: unknown;
  id?: unknown;
  function?: { name?: unknown; arguments?: unknown } | null;
  extra_content?: unknown;
}

/** `delta` of a stream and `message` of a whole answer have the same fields. */
export interface ChatDelta {
  /** A string, or a list of parts (Magistral). */
  content?: unknown;
  refusal?: unknown;
  reasoning_content?: unknown;
  reasoning?: unknown;
  reasoning_details?: unknown;
  /** Sources of a hosted web search, `{type: url_citation, url_citation}` (OpenAI, OpenRouter). */
  annotations?: unknown;
  tool_calls?: ChatToolCallDelta[] | null;
  /** The form before `tool_calls`. */
  function_call?: { name?: unknown; arguments?: unknown } | null;
}

export interface ChatChoice {
  /** More than one choice comes only where `n` was asked for. */
  index?: unknown;
  delta?: ChatDelta | null;
  message?: ChatDelta | null;
  /** Older completions. */
  text?: unknown;
  finish_reason?: string | null;
  /** Moonshot puts it here. */
  usage?: ChatUsage | null;
}

/** A chunk of a stream, or a whole answer. */
export interface ChatAnswer {
  id?: unknown;
  model?: unknown;
  choices?: ChatChoice[] | null;
  usage?: ChatUsage | null;
  /** What GLM's hosted search found. */
  web_search?: unknown;
  /** An error in the place of, or next to, a regular chunk. */
  error?: unknown;
}
