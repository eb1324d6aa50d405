/**
 * Cases that this router answers otherwise, each with its reason. An entry whose case passes fails the test: then it must go.
 */
export const disagreements: Readonly<Record<string, string>> = {
  "gemini_stream->anthropic_stream/function-call-with-signature":
    "an empty thinking block stands before the call: it carries the signature, which Gemini 3 asks for back and which the client keeps nowhere else",
};
