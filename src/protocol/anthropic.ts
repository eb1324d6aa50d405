/**
 * The Anthropic Messages API as it is on the wire (platform.claude.com/docs, api/messages and
 * build-with-claude/streaming). It is also the hub form: what every dialect translates from and to.
 * The client changes with every release, so all of these are open: unknown fields are kept.
 */

export interface CacheControl {
  type: string;
  ttl?: string;
}

export interface TextBlock {
  type: "text";
  text: string;
  cache_control?: CacheControl;
  citations?: unknown[] | null;
}

export interface ImageSource {
  type: "base64" | "url" | "file";
  media_type?: string;
  data?: string;
  url?: string;
  file_id?: string;
}

export interface ImageBlock {
  type: "image";
  source: ImageSource;
  cache_control?: CacheControl;
}

export interface DocumentBlock {
  type: "document";
  source: {
    type: string;
    media_type?: string;
    data?: string;
    url?: string;
    file_id?: string;
    content?: unknown;
  };
  title?: string | null;
  context?: string | null;
  cache_control?: CacheControl;
}

export interface ThinkingBlock {
  type: "thinking";
  thinking: string;
  signature?: string;
}

export interface RedactedThinkingBlock {
  type: "redacted_thinking";
  data: string;
}

export interface ToolUseBlock {
  type: "tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
  cache_control?: CacheControl;
}

/** Inside the content of a tool result: a deferred tool that the client's tool search found. */
export interface ToolReferenceBlock {
  type: "tool_reference";
  tool_name: string;
}

export interface ToolResultBlock {
  type: "tool_result";
  tool_use_id: string;
  content?: string | ContentBlock[];
  is_error?: boolean;
  cache_control?: CacheControl;
}

export interface ServerToolUseBlock {
  type: "server_tool_use";
  id: string;
  name: string;
  input: Record<string, unknown>;
}

/** The blocks that are known here. Others come as well (a newer client, a server tool's result): they are never an error. */
export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ToolReferenceBlock
  | ToolResultBlock
  | ServerToolUseBlock;

export interface Message {
  /** `system` stands in the middle of today's client's messages. */
  role: "user" | "assistant" | "system";
  content: string | ContentBlock[];
  [field: string]: unknown;
}

export interface Tool {
  name: string;
  description?: string;
  input_schema?: Record<string, unknown>;
  /** Absent or `custom` for a client tool; `web_search_20250305` and others for server tools. */
  type?: string;
  defer_loading?: boolean;
  cache_control?: CacheControl;
  strict?: boolean;
  [field: string]: unknown;
}

export interface ToolChoice {
  type: "auto" | "any" | "tool" | "none";
  name?: string;
  disable_parallel_tool_use?: boolean;
}

export interface ThinkingConfig {
  type: "enabled" | "disabled" | "adaptive" | (string & {});
  budget_tokens?: number;
  display?: string;
}

export interface MessagesRequest {
  model: string;
  messages: Message[];
  max_tokens?: number;
  system?: string | TextBlock[];
  tools?: Tool[];
  tool_choice?: ToolChoice;
  thinking?: ThinkingConfig;
  output_config?: { effort?: string; format?: unknown; [field: string]: unknown };
  metadata?: { user_id?: string | null };
  stream?: boolean;
  stop_sequences?: string[];
  temperature?: number;
  top_p?: number;
  top_k?: number;
  [field: string]: unknown;
}

/** Token counts. `input_tokens` excludes what was read from or written to the cache: nothing is counted twice. */
export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  [field: string]: unknown;
}

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** A whole, not streamed, answer. */
export interface MessageResponse {
  id: string;
  type: "message";
  role: "assistant";
  model: string;
  content: ContentBlock[];
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  usage: Usage;
  [field: string]: unknown;
}
