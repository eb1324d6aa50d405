/**
 * Cases that this router answers otherwise, each with its reason. An entry whose case passes fails the test: then it must go.
 */
export const disagreements: Readonly<Record<string, string>> = {
  "anthropic_request->openai_responses_request/tool-use-lifted":
    "the call is the last of the conversation and has no result, at which OpenAI answers 400 (No tool output found for function call): a note stands in the place of the result",
  "gemini_stream->anthropic_stream/function-call-with-signature":
    "an empty thinking block stands before the call: it carries the signature, which Gemini 3 asks for back and which the client keeps nowhere else",
  "openai_responses_request->anthropic_request/system-sources":
    "what is said between turns keeps its place, as a reminder in the user's name: moved into the system prompt it would change the prefix that the provider has cached, and here leave a conversation that ends with the assistant, which Claude refuses from 4.6 on",
};
