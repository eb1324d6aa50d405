import type { Form } from "../answers.ts";
import { providerModel } from "./contender.ts";

/** Where the provider serves a form: what a client of that form asks. */
export const providerPath = (form: Form, stream: boolean): string => {
  if (form === "chat") return "/v1/chat/completions";
  if (form === "anthropic") return "/v1/messages?beta=true";
  return `/v1beta/models/${providerModel}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
};
