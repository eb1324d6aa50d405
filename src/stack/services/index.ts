import { fusedLitellmStack } from "./fused-litellm.ts";
import { fusedRouterStack } from "./fused-router.ts";
import type { StackDefinition } from "./service.ts";

/** Every stack that is generated: a new one is a file here and a line in this list. */
export const stacks: readonly StackDefinition[] = [fusedRouterStack, fusedLitellmStack];
