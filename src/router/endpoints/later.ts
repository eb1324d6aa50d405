/** A handler whose code is imported with its first request. */
import type { Handler, RouterContext } from "./context.ts";

/**
 * The requests that come while it is imported wait for it, in their order; those after it are handled at once. An import that failed is
 * tried again with the next request.
 */
export const later =
  (load: () => Promise<(context: RouterContext) => Handler>) =>
  (context: RouterContext): Handler => {
    let handler: Handler | undefined;
    let loading: Promise<Handler> | undefined;
    const loaded = async (): Promise<Handler> => {
      try {
        return (handler = (await load())(context));
      } finally {
        loading = undefined;
      }
    };
    return (request, reply) =>
      handler === undefined
        ? (loading ??= loaded()).then((loadedHandler) => loadedHandler(request, reply))
        : handler(request, reply);
  };
