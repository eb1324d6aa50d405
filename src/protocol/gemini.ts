/**
 * Google's generateContent and streamGenerateContent as they are on the wire (ai.google.dev/api/generate-content, ai.google.dev/api/caching
 * for Content, Part and Tool). In answers everything may be missing: a candidate without content, usage without counts.
 */

/** An image, a PDF or another file in base64. */
export interface GeminiBlob {
  mimeType: string;
  data: string;
}

export interface GeminiFunctionCall {
  /** Given by Gemini 3 and later; Vertex refuses the field. */
  id?: string;
  name?: string;
  args?: Record<string, unknown> | null;
  /** Streamed arguments: values by JSON path. */
  partialArgs?: GeminiPartialArg[];
  /** More of this call follows in later parts. */
  willContinue?: boolean;
}

export interface GeminiPartialArg {
  /** RFC 9535, of names and indexes only: `$.recipe.ingredients[0].name`. */
  jsonPath?: string;
  stringValue?: string;
  numberValue?: number;
  boolValue?: boolean;
  nullValue?: unknown;
  /** More of this string follows. */
  willContinue?: boolean;
}

export interface GeminiFunctionResponse {
  id?: string;
  name: string;
  /** `output` holds what the function said, `error` what went wrong. */
  response: { output: string } | { error: string };
  /** Images and files of the result: Gemini 3 and later. */
  parts?: { inlineData: GeminiBlob }[];
}

/** One of these at a time, beside `thought` and `thoughtSignature`. */
export interface GeminiPart {
  text?: string;
  /** The text is a summary of the model's thoughts. */
  thought?: boolean;
  /** Encrypted reasoning, which must come back on the same part (ai.google.dev/gemini-api/docs/thought-signatures). */
  thoughtSignature?: string;
  inlineData?: GeminiBlob;
  fileData?: { fileUri: string; mimeType?: string };
  functionCall?: GeminiFunctionCall;
  functionResponse?: GeminiFunctionResponse;
  /** Calls of Google's own tools and their results, where the request asked to see them. */
  toolCall?: unknown;
  toolResponse?: unknown;
}

export interface GeminiContent {
  role: "user" | "model";
  parts: GeminiPart[];
}

/** Google's subset of OpenAPI 3.0: what `encode/schema.ts` writes. */
export interface GeminiSchema {
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  enum?: string[];
  properties?: Record<string, GeminiSchema>;
  required?: string[];
  items?: GeminiSchema;
  anyOf?: GeminiSchema[];
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

export interface GeminiFunctionDeclaration {
  name: string;
  description: string;
  /** Left out where a function takes nothing. */
  parameters?: GeminiSchema;
}

export interface GeminiTool {
  functionDeclarations?: GeminiFunctionDeclaration[];
  googleSearch?: Record<string, never>;
}

export interface GeminiToolConfig {
  functionCallingConfig?: { mode: "AUTO" | "ANY" | "NONE"; allowedFunctionNames?: string[] };
  /** Google's own tools beside functions: Gemini 3 and later. Their calls then stand among the parts. */
  includeServerSideToolInvocations?: boolean;
}

export interface GeminiThinkingConfig {
  includeThoughts?: boolean;
  /** Gemini 2.5: tokens, 0 off, -1 as the model likes. Not together with a level. */
  thinkingBudget?: number;
  /** Gemini 3 and later. */
  thinkingLevel?: "minimal" | "low" | "medium" | "high";
}

export interface GeminiRequest {
  systemInstruction?: { parts: GeminiPart[] };
  tools?: GeminiTool[];
  toolConfig?: GeminiToolConfig;
  contents: GeminiContent[];
  generationConfig?: Record<string, unknown>;
  [field: string]: unknown;
}

/** Counts of tokens. Thoughts are not inside `candidatesTokenCount`; cached ones are inside `promptTokenCount`. */
export interface GeminiUsage {
  promptTokenCount?: number;
  cachedContentTokenCount?: number;
  candidatesTokenCount?: number;
  thoughtsTokenCount?: number;
  /** What Google's own tools put before the model; beside `promptTokenCount`. */
  toolUsePromptTokenCount?: number;
  totalTokenCount?: number;
}

export interface GeminiGroundingMetadata {
  webSearchQueries?: string[];
  groundingChunks?: { web?: { uri?: string; title?: string } }[];
  /** Which part of the text stands on which chunks; offsets count bytes of UTF-8. */
  groundingSupports?: {
    segment?: { partIndex?: number; startIndex?: number; endIndex?: number; text?: string };
    groundingChunkIndices?: number[];
  }[];
}

export interface GeminiCandidate {
  index?: number;
  content?: { role?: string; parts?: (GeminiPart | null)[] | null } | null;
  finishReason?: string | null;
  finishMessage?: string;
  groundingMetadata?: GeminiGroundingMetadata | null;
}

/** A whole answer, or one chunk of a stream: text is what is new, never the text so far. */
export interface GeminiAnswer {
  candidates?: (GeminiCandidate | null)[] | null;
  promptFeedback?: { blockReason?: string; blockReasonMessage?: string } | null;
  usageMetadata?: GeminiUsage | null;
  modelVersion?: string;
  error?: unknown;
}
