/** `GET /api/logs`: the last lines of the log, and those after the ones that the asker has. */
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import type { Handler, RouterContext } from "./context.ts";

export interface ShownLine {
  /** Counts up over the life of the router. */
  readonly number: number;
  /** As 2026-11-21T10:00:00.000Z; null of a line that is none of the logger's. */
  readonly time: string | null;
  /** pino's: 30 info, 40 warn, 50 error. */
  readonly level: number | null;
  readonly message: string;
  /** What else the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LogsAnswer {
  readonly lines: readonly ShownLine[];
  /** To be given as `after` next time. Smaller than before: the router was started anew. */
  readonly last: number;
}

const mostAtOnce = 1_000;

const shown = (number: number, text: string): ShownLine => {
  const line = parseJsonObject(text);
  if (!isJsonObject(line)) return { number, time: null, level: null, message: text, fields: {} };
  const { time, level, msg, ...fields } = line;
  return {
    number,
    time: typeof time === "string" ? time : null,
    level: typeof level === "number" ? level : null,
    message: typeof msg === "string" ? msg : "",
    fields,
  };
};

const wholeNumber = (name: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SwitchyardError("request.query", { detail: `${name}: a whole number was expected` });
};

/** Query: `after` (number of the last line that the asker has), `limit` (at most 1,000; default 200). */
export const logs = (context: RouterContext): Handler =>
  function handleLogs(request, reply) {
    const query = new URLSearchParams(request.url.split("?", 2)[1] ?? "");
    const after = wholeNumber("after", query.get("after") ?? undefined, 0);
    const limit = Math.min(mostAtOnce, wholeNumber("limit", query.get("limit") ?? undefined, 200));
    const ring = context.logRing;
    const answer: LogsAnswer = {
      // What became a secret after the line was written is taken out as well.
      lines: ring.after(after, limit).map(({ number, text }) => shown(number, context.redact(text))),
      last: ring.last,
    };
    void reply.send(answer);
  };
