/** What a provider of another form cannot be told of a recorded request, each with its reason: the named part is not compared. */
export interface RequestNote {
  readonly reason: string;
  readonly part: "files";
  /** Dialects that it holds for. */
  readonly at: readonly string[];
}

const noFileAddress =
  "Chat Completions takes files as data alone (developers.openai.com, guides, file inputs): the model is told the address in words";

export const requestNotes: Readonly<Record<string, RequestNote>> = {
  "anthropic/anthropic-chatlas-anthropic-pdf-url": {
    reason: noFileAddress,
    part: "files",
    at: ["openai-chat"],
  },
  "anthropic/anthropic-ruby-llm-chat-pdf-models-anthropic-claude-haiku-4-5-handles-multiple-pdfs": {
    reason: noFileAddress,
    part: "files",
    at: ["openai-chat"],
  },
  "openai_chat/openrouter-pydantic-ai-openrouter-document-url-no-force-download": {
    reason: noFileAddress,
    part: "files",
    at: ["openai-chat"],
  },
};
