import type { Contender } from "./contender.ts";

/** The provider itself, with nothing between: what the others are measured against. */
export const direct: Contender = {
  name: "direct",
  about: "the loopback provider called directly",
  forms: ["chat", "anthropic"],
  launch: () => undefined,
  readyPath: "/",
  requestPath: (form) => (form === "chat" ? "/v1/chat/completions" : "/v1/messages?beta=true"),
  clientForm: (form) => form,
};
