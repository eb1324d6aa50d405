/** Structured logs, one JSON object a line, on stderr. Known secrets never reach a line. */
import { pino, type Logger } from "pino";

export type { Logger } from "pino";
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** A function that replaces every occurrence of the given secrets by their last four characters. */
export const redactor = (secrets: Iterable<string>): ((text: string) => string) => {
  // Short values would redact ordinary words; no provider's key is that short. Longest first: one may contain another.
  const known = [...new Set(secrets)].filter((s) => s.length >= 8).toSorted((a, b) => b.length - a.length);
  if (known.length === 0) return (text) => text;
  return (text) => {
    let out = text;
    for (const secret of known) {
      if (out.includes(secret)) out = out.replaceAll(secret, `[redacted …${secret.slice(-4)}]`);
    }
    return out;
  };
};

/** A logger that writes to `write` (default: stderr), each line passed through `redact` first. */
export const createLogger = (options: {
  level?: LogLevel;
  redact?: (line: string) => string;
  write?: (line: string) => void;
}): Logger => {
  const { redact, write = (line: string) => void process.stderr.write(line) } = options;
  return pino(
    { level: options.level ?? "info", base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: redact ? (line: string) => write(redact(line)) : write },
  );
};
