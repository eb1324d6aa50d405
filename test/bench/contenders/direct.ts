import type { Contender } from "./contender.ts";
import { providerPath } from "./provider-paths.ts";

/** The provider itself, with nothing between: what the others are measured against. */
export const direct: Contender = {
  name: "direct",
  about: "the loopback provider called directly",
  forms: ["chat", "gemini", "anthropic"],
  launch: () => undefined,
  readyPath: "/",
  requestPath: providerPath,
  clientForm: (form) => form,
};
