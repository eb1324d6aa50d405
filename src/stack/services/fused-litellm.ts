/** Claude Code and LiteLLM in one container. */
import { backends } from "../../shared/backends.ts";
import { fusedStack } from "./fused.ts";

export const fusedLitellmStack = fusedStack({
  backend: backends.litellm,
  purpose: "Claude Code and LiteLLM in one container",
  // The router's image gives the supervisor.
  parents: ({ base, images }) => ({
    BASE: base,
    CLIENT: images.client,
    ROUTER: images.router,
    LITELLM: images.litellm,
  }),
});
