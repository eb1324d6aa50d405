/** Claude Code and the router in one container. */
import { backends } from "../../shared/backends.ts";
import { fusedStack } from "./fused.ts";

export const fusedRouterStack = fusedStack({
  backend: backends.router,
  purpose: "Claude Code and the router in one container",
  parents: ({ images }) => ({ CLIENT: images.client, ROUTER: images.router }),
});
