/** The quirks of providers: named flags, each with what it means. `Quirks` in types.ts is the same list for the compiler. */
import type { z as Zod } from "zod";
import { boolean, oneOf, wholeNumber } from "./schema-fields.ts";
import type { Quirks } from "./types.ts";
import { z } from "./zod.ts";

const about = <Schema extends Zod.ZodType>(schema: Schema, description: string): Schema =>
  schema.meta({ description });

export const quirksSchema = z
  .strictObject(
    {
      rawStream: about(
        boolean(),
        "Answers go to the client as bytes, without the stream validator: Anthropic itself only.",
      ),
      countTokens: about(boolean(), "The provider has count_tokens, and it is asked."),
      datedIds: about(
        boolean(),
        "An id with a date behind it (-20250929, -2025-08-07) costs what the id without it does.",
      ),
      dropFields: about(
        z.array(z.string({ error: "the name of a field" }), { error: "a list of field names" }).optional(),
        "Top-level request fields that the provider refuses, by its own names.",
      ),
      dropBetas: about(boolean(), "The anthropic-beta header is not sent."),
      inlineSystemMessages: about(boolean(), "System messages inside the conversation become user text."),
      maxTokensField: about(
        oneOf(["max_tokens", "max_completion_tokens"] as const),
        "The field that limits the output (openai-chat).",
      ),
      maxTokensLimit: about(
        wholeNumber(1, 100_000_000, "a number of tokens"),
        "Largest max_tokens that the provider takes.",
      ),
      reasoning: about(
        oneOf([
          "none",
          "reasoning_effort",
          "openrouter",
          "thinking_type",
          "thinking_effort",
          "enable_thinking",
          "chat_template",
        ] as const),
        "How thinking is asked for (openai-chat).",
      ),
      maxEffort: about(
        oneOf(["high", "xhigh", "max"] as const),
        "Highest effort that the provider knows; higher ones become it (openai-chat, openai-responses). Default high.",
      ),
      reasoningSummary: about(
        oneOf(["auto", "concise", "detailed"] as const),
        "Summaries of reasoning are asked for, which become the client's thinking (openai-responses). Default: none.",
      ),
      messagePhase: about(
        boolean(),
        "Earlier messages of the assistant carry phase: commentary before a tool call, else final_answer (openai-responses).",
      ),
      sendReasoning: about(
        oneOf(["reasoning_content", "reasoning", "reasoning_details"] as const),
        "The field in which earlier reasoning is sent back with tool calls (openai-chat).",
      ),
      cacheControl: about(boolean(), "cache_control markers are understood and kept (openai-chat)."),
      noStreamUsage: about(boolean(), "stream_options is refused and not sent (openai-chat)."),
      toolIdLength: about(
        wholeNumber(1, 10_000, "a number of characters"),
        "Longest tool-call id that is taken (openai-chat, openai-responses).",
      ),
      toolIdAlphanumeric: about(
        boolean(),
        "Only letters and digits in tool-call ids (openai-chat, openai-responses).",
      ),
      noParallelToolCalls: about(
        boolean(),
        "parallel_tool_calls is refused and not sent (openai-chat, openai-responses).",
      ),
      noImages: about(boolean(), "Text only; an image becomes a note in text."),
      files: about(
        oneOf(["none", "address"] as const),
        "What becomes of a PDF: `none`, a note in text; `address`, one by address is taken too (openai-chat). Default: by its data, one by address as a note.",
      ),
      toolResultImagesInUserMessage: about(
        boolean(),
        "Tool messages take text only; their images follow in a user message (openai-chat, openai-responses). Default true in the first.",
      ),
      toolChoiceAutoOnly: about(
        boolean(),
        "tool_choice takes neither an object nor `required` (openai-chat, openai-responses).",
      ),
      userIdLength: about(
        wholeNumber(0, 10_000, "a number of characters"),
        "`user` is cut to so many characters; 0 drops it (openai-chat, openai-responses). Default 64.",
      ),
      requireToolProperties: about(
        boolean(),
        "A tool must have parameters.properties, even empty (openai-chat, openai-responses).",
      ),
      dropSchemaKeywords: about(
        z.array(z.string({ error: "a keyword" }), { error: "a list of JSON Schema keywords" }).optional(),
        "Keywords of JSON Schema that the provider refuses in tools, at any depth (openai-chat, openai-responses).",
      ),
      topK: about(boolean(), "top_k is known (openai-chat)."),
      mostStops: about(
        wholeNumber(1, 1000, "a number of stop sequences"),
        "Most stop sequences that are taken; where there are more, the answer is searched for them here (openai-chat).",
      ),
      thoughtSignature: about(
        boolean(),
        "Tool calls of the history need Google's thought signatures (openai-chat).",
      ),
      noToolCallIds: about(
        boolean(),
        "Calls and results are sent without their ids, a field that Vertex refuses (gemini).",
      ),
      strictTools: about(
        boolean(),
        "Functions whose schema allows it are sent with strict: true (openai-chat).",
      ),
      noSystem: about(
        boolean(),
        "No system role: the system prompt opens the first user message (openai-chat).",
      ),
      assistantAfterTools: about(
        boolean(),
        "Results of tools are not followed by the user: a short message of the assistant stands between (openai-chat).",
      ),
      textToolCalls: about(
        boolean(),
        "Calls that models write as text, as <tool_call>, are read as calls (openai-chat).",
      ),
      thinkTags: about(boolean(), "<think>…</think> that begins an answer's text is thinking (openai-chat)."),
      noTools: about(
        boolean(),
        "The model calls no tools: a request with tools goes to the next target, or back with an error.",
      ),
      prefix: about(
        oneOf(["plain", "prefix", "partial", "continue_final_message"] as const),
        "How it is told to go on with an answer that was begun (openai-chat). Default: it does not do that.",
      ),
      noStream: about(
        boolean(),
        "Its streams are broken: whole answers are asked for, and the stream is made here.",
      ),
      thinkingHistory: about(
        boolean(),
        "Every assistant message must begin with thinking; other models' is sent without a signature (anthropic).",
      ),
      noAdaptiveThinking: about(
        boolean(),
        "thinking: adaptive is not known and becomes enabled with a budget (anthropic).",
      ),
      noDeferredTools: about(
        boolean(),
        "defer_loading and tool_reference are not known: tools are sent in full once they are named (anthropic).",
      ),
      dropInnerFields: about(
        z.array(z.string({ error: "the name of a field" }), { error: "a list of field names" }).optional(),
        "Fields that the provider refuses inside of messages, blocks and tools (anthropic).",
      ),
      webSearch: about(
        oneOf(["none", "own", "openrouter", "glm", "kimi", "web_search_options"] as const),
        "The provider's own web search, or none. Default own, in openai-chat none; the last four are forms of openai-chat.",
      ),
      structuredOutput: about(
        oneOf(["json_object", "prompt"] as const),
        "JSON of a schema is asked for as JSON of any form with the schema in the system prompt, or in words alone. Default: by the protocol's field.",
      ),
      extraBody: about(
        z.record(z.string(), z.unknown(), { error: "a map (key: value)" }).optional(),
        "Fields added to every request body, as they are.",
      ),
    },
    { error: "a map (key: value)" },
  )
  .optional()
  .meta({ description: "Odd behaviour of the provider. Presets set what is known." });

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Does not compile where a flag stands in one of the two lists only. */
export const everyQuirkIsInBoth: Same<keyof Quirks, keyof NonNullable<Zod.infer<typeof quirksSchema>>> = true;
