/**
 * Where the router answers a recording otherwise than the collector's accumulator computed, each with its reason. Only the named figure is
 * another; all the rest must agree.
 */
export interface RecordingNote {
  reason: string;
  outputTokens?: number;
  cacheRead?: number;
  /** The message of the error that the stream ends with, where the accumulator saw a regular end. */
  error?: string;
}

export const recordingNotes: Readonly<Record<string, RecordingNote>> = {
  "openai_chat/xai-fantasy-testopenaicompatiblethinking-xai-grok-3-mini-thinking": {
    reason:
      "completion_tokens leaves out the reasoning tokens here (total_tokens is the sum of all three); reasoning is output",
    outputTokens: 27 + 350,
  },
  "gemini/google-ai-studio-pydantic-ai-native-output-with-builtin-tools-stream": {
    reason:
      "the last chunk names no candidatesTokenCount and its total is that of prompt and thoughts; the accumulator took the count of an earlier chunk",
    outputTokens: 78,
  },
  "openai_chat/moonshot-kimi-vercel-moonshotai-reasoning": {
    reason: "cached_tokens stands at the top of usage here, where the accumulator did not look",
    cacheRead: 10,
  },
  "openai_chat/gpustack-ruby-llm-chat-with-extended-thinking-gpustack-qwen3-streams-thinking-content-when-ava":
    {
      reason:
        "the stream ends with a bare error: line and without a finish reason; an answer that was cut is no end_turn",
      error: "failed to decode",
    },
};
