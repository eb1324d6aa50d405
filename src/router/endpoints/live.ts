/** `GET /api/live`: what turns do, as server-sent events, while somebody watches. Every event is one message of live/events.ts as JSON. */
import { SwitchyardError } from "../../shared/errors.ts";
import type { LiveMessage } from "../live/events.ts";
import type { Handler, RouterContext } from "./context.ts";

/** Between two signs of life, in milliseconds: proxies cut what is silent. So long may whoever has signed out, or whose token was replaced, still watch. */
const pingEvery = 10_000;
/** Who reads so slowly that this much waits for it (in bytes) begins anew. */
const mostWaiting = 1024 * 1024;
/** Pages that watch at once. */
const mostWatchers = 32;

const frame = (message: LiveMessage): string => `data: ${JSON.stringify(message)}\n\n`;

export const live = (context: RouterContext): Handler => {
  let watchers = 0;
  return function handleLive(request, reply) {
    if (watchers >= mostWatchers)
      throw new SwitchyardError("request.malformed", {
        detail: `${watchers} pages watch already`,
        hint: "Close one of them.",
        http: 429,
        type: "rate_limit_error",
      });
    reply.hijack();
    const res = reply.raw;
    // Whoever watches is no work under way: a drain does not wait for it, and it is not counted.
    context.flights.leave(res, () => res.end());
    res.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
      connection: "close",
    });
    res.write("retry: 2000\n\n");
    const end = context.live.listen((message) => {
      // How far an answer is will be said again.
      if (message.kind === "progress" && res.writableNeedDrain) return;
      if (res.writableLength > mostWaiting) res.destroy();
      else res.write(frame(message));
    });
    const ping = setInterval(() => {
      res.write(": ping\n\n");
      void context.admin.stillOpen(request).then((open) => open || res.end());
    }, pingEvery).unref();
    watchers++;
    res.on("error", () => undefined);
    res.once("close", () => {
      watchers--;
      clearInterval(ping);
      end();
    });
  };
};
