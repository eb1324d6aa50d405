/**
 * OpenAI Responses as it is on the wire (developers.openai.com, api reference, responses; guides: reasoning, function calling, streaming).
 * Requests are typed as they are sent. Answers are typed as they may come: many providers speak this form and bend it, so each field must be
 * checked before it is used.
 */

export interface ResponsesInputText {
  type: "input_text";
  text: string;
}

/** Text of an earlier answer: `input_text` in an assistant's message is refused. */
export interface ResponsesOutputText {
  type: "output_text";
  text: string;
  annotations?: unknown[];
}

export interface ResponsesRefusal {
  type: "refusal";
  refusal: string;
}

/** `image_url` is a string here (an address or a data URL), not an object as in Chat Completions. */
export interface ResponsesInputImage {
  type: "input_image";
  image_url?: string;
  file_id?: string;
  detail?: "low" | "high" | "auto";
}

/** By `file_data` (a data URL, with `filename`), by address or by id. */
export interface ResponsesInputFile {
  type: "input_file";
  filename?: string;
  file_data?: string;
  file_url?: string;
  file_id?: string;
}

export type ResponsesInputPart = ResponsesInputText | ResponsesInputImage | ResponsesInputFile;

/** A message of the user or the developer. `type` may be left out in a request. */
export interface ResponsesInputMessage {
  type?: "message";
  role: "user" | "system" | "developer";
  content: string | ResponsesInputPart[];
}

export interface ResponsesAssistantMessage {
  type?: "message";
  id?: string;
  role: "assistant";
  content: string | (ResponsesOutputText | ResponsesRefusal)[];
  status?: string;
  /** Newer models tell remarks on the way (`commentary`) from the answer (`final_answer`). */
  phase?: string;
}

/** `call_id` is what a result refers to, `id` that of the item; at most 64 characters each. */
export interface ResponsesFunctionCall {
  type: "function_call";
  id?: string;
  call_id: string;
  name: string;
  arguments: string;
  status?: string;
}

export interface ResponsesFunctionCallOutput {
  type: "function_call_output";
  id?: string;
  call_id: string;
  output: string | ResponsesInputPart[];
  status?: string;
}

/** A call of a tool whose input is plain text, not JSON. */
export interface ResponsesCustomToolCall {
  type: "custom_tool_call";
  id?: string;
  call_id: string;
  name: string;
  input: string;
}

export interface ResponsesCustomToolCallOutput {
  type: "custom_tool_call_output";
  id?: string;
  call_id: string;
  output: string | ResponsesInputPart[];
}

export interface ResponsesReasoningItem {
  type: "reasoning";
  id?: string;
  summary: { type: "summary_text"; text: string }[];
  /** The reasoning itself, from providers that show it. */
  content?: { type: "reasoning_text"; text: string }[] | null;
  /** What the provider needs to go on with its reasoning where nothing is stored (`store: false`). */
  encrypted_content?: string | null;
  status?: string;
}

export type ResponsesInputItem =
  | ResponsesInputMessage
  | ResponsesAssistantMessage
  | ResponsesFunctionCall
  | ResponsesFunctionCallOutput
  | ResponsesCustomToolCall
  | ResponsesCustomToolCallOutput
  | ResponsesReasoningItem;

/** Flat, unlike Chat Completions. Without `strict` the API takes a function for strict and changes its schema. */
export interface ResponsesFunctionTool {
  type: "function";
  name: string;
  description?: string | null;
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}

export interface ResponsesWebSearchTool {
  type: "web_search" | (string & {});
  filters?: { allowed_domains?: string[]; blocked_domains?: string[] };
  user_location?: {
    type: "approximate";
    city?: string;
    region?: string;
    country?: string;
    timezone?: string;
  };
  search_context_size?: "low" | "medium" | "high";
}

export type ResponsesTool =
  | ResponsesFunctionTool
  | ResponsesWebSearchTool
  | { type: string; [field: string]: unknown };

/** A forced function is flat: `{type: "function", name}`; a hosted tool only its type. */
export type ResponsesToolChoice =
  | "auto"
  | "none"
  | "required"
  | { type: "function"; name: string }
  | { type: string; name?: string };

export interface ResponsesRequest {
  model: string;
  input: string | ResponsesInputItem[];
  instructions?: string | null;
  tools?: ResponsesTool[];
  tool_choice?: ResponsesToolChoice;
  parallel_tool_calls?: boolean | null;
  max_output_tokens?: number | null;
  temperature?: number | null;
  top_p?: number | null;
  reasoning?: { effort?: string | null; summary?: string | null } | null;
  text?: { format?: unknown; verbosity?: string | null } | null;
  include?: string[] | null;
  store?: boolean | null;
  stream?: boolean | null;
  user?: string;
  metadata?: Record<string, string> | null;
  previous_response_id?: string | null;
  [field: string]: unknown;
}

/** Token counts: `input_tokens` includes what was read from and written to the cache, unlike Anthropic's; reasoning is in `output_tokens`. */
export interface ResponsesUsage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  total_tokens?: number | null;
  input_tokens_details?: {
    cached_tokens?: number | null;
    cache_write_tokens?: number | null;
  } | null;
  output_tokens_details?: { reasoning_tokens?: number | null } | null;
}

/** A part of a message (`output_text`, `refusal`) or of reasoning (`summary_text`, `reasoning_text`). */
export interface ResponsesOutputPart {
  type?: unknown;
  text?: unknown;
  refusal?: unknown;
  annotations?: unknown;
}

/** Any item of `output`: message, reasoning, function_call, custom_tool_call, web_search_call and others that are not known here. */
export interface ResponsesOutputItem {
  type?: unknown;
  id?: unknown;
  status?: unknown;
  /** message and reasoning: a list of parts. */
  content?: unknown;
  summary?: unknown;
  encrypted_content?: unknown;
  phase?: unknown;
  /** function_call and custom_tool_call. */
  call_id?: unknown;
  name?: unknown;
  arguments?: unknown;
  input?: unknown;
  /** web_search_call: what was done, `{type: "search", query, sources}`, `{type: "open_page", url}` or `{type: "find_in_page", pattern, url}`. */
  action?: unknown;
}

/** A whole answer, and what the first and the last events of a stream carry. */
export interface ResponsesAnswer {
  id?: unknown;
  object?: unknown;
  model?: unknown;
  /** completed, incomplete, failed, cancelled, in_progress, queued. */
  status?: unknown;
  output?: unknown;
  usage?: ResponsesUsage | null;
  error?: unknown;
  incomplete_details?: { reason?: unknown } | null;
}

/** An event of a stream; which fields it has depends on its type. */
export interface ResponsesEvent {
  type?: unknown;
  sequence_number?: unknown;
  /** Place of the item in `output`. */
  output_index?: unknown;
  /** Id of the item. Some back ends give another one with each event (GitHub Copilot). */
  item_id?: unknown;
  content_index?: unknown;
  summary_index?: unknown;
  delta?: unknown;
  text?: unknown;
  refusal?: unknown;
  arguments?: unknown;
  input?: unknown;
  name?: unknown;
  part?: unknown;
  item?: ResponsesOutputItem | null;
  annotation?: unknown;
  response?: ResponsesAnswer | null;
  /** type error: these at the top, or an object. */
  code?: unknown;
  message?: unknown;
  error?: unknown;
}
