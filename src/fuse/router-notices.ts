/** Says at once what the router finds out about a provider, before the client's own silent retries are over. */

/** Failures that retrying will not mend: the user should hear of them. */
const told = new Set(["upstream.keyRejected", "upstream.unreachable", "upstream.notJson"]);
const longest = 300;

/** Whether a log line may tell of such a failure: a cheap look, for who passes lines on to a reader. */
export const isNotice = (line: string): boolean => line.startsWith("{") && line.includes('"code":"upstream.');

/**
 * Whether words of ours may stand beside what a command prints: true for one that prints and ends, false for a shell, and for
 * a client that may fill the terminal.
 * @param terminal stdout is a terminal
 */
export const isPlainCommand = (command: readonly string[], terminal: boolean): boolean =>
  command.length > 0 && (!terminal || / (-p|--print)\b/.test(command.join(" ")));

/** @returns a reader of the router's log lines that says each such failure once for each provider */
export const createNoticeReader = (say: (line: string) => void): ((line: string) => void) => {
  const said = new Set<string>();
  return (line) => {
    if (!line.startsWith("{")) return;
    let entry: { code?: unknown; provider?: unknown; msg?: unknown };
    try {
      entry = JSON.parse(line) as typeof entry;
    } catch {
      return;
    }
    if (typeof entry.code !== "string" || !told.has(entry.code) || typeof entry.msg !== "string") return;
    const once = `${entry.code} ${typeof entry.provider === "string" ? entry.provider : ""}`;
    if (said.has(once)) return;
    said.add(once);
    const words = entry.msg.split("\n", 1)[0] ?? "";
    say(words.length > longest ? `${words.slice(0, longest)}…` : words);
  };
};
