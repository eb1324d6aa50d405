/** Where a router's variables come from: the environment and the files of keys, a pipe, or a file of its own. */
import { readFileSync } from "node:fs";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { parseJsonObject } from "../shared/json.ts";
import type { Environment } from "../shared/paths.ts";

export interface RouterKeys {
  /** The variables as they are now. @throws SwitchyardError usage.invalid, config.unreadable; a value is never shown */
  read(): Promise<Environment>;
  /** keys.env and a `.env` of the checkout count as well. */
  readonly keyFiles: boolean;
  /** A file that is to be watched. */
  readonly file?: string;
  /** Called when new variables have come. */
  onChange: (() => void) | undefined;
}

const variablesOf = (text: string): Environment | undefined => {
  const value = parseJsonObject(text);
  const entries = Object.entries(value ?? {});
  const areStrings = entries.every((entry): entry is [string, string] => typeof entry[1] === "string");
  return value !== undefined && areStrings ? Object.fromEntries(entries) : undefined;
};

const example = 'Such as: {"OPENROUTER_API_KEY": "…"}';

/** The caller's environment, and the files of keys. */
export const keysOfEnvironment = (): RouterKeys => ({
  read: () => Promise.resolve(process.env),
  keyFiles: true,
  onChange: undefined,
});

/** A file that holds a JSON object of strings, read anew each time. */
export const keysOfFile = (file: string): RouterKeys => ({
  read: async () => {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      throw new SwitchyardError("config.unreadable", {
        detail: `${file} (${systemCodeOf(error) ?? "unknown"})`,
        cause: error,
      });
    }
    const variables = variablesOf(text);
    if (variables !== undefined) return variables;
    throw new SwitchyardError("usage.invalid", {
      detail: `--keys-file: ${file} is not a JSON object of strings`,
      hint: example,
    });
  },
  keyFiles: false,
  file,
  onChange: undefined,
});

/** Lines of stdin, each a JSON object of strings: the first at the start, each later one replaces them. */
export const keysOfStdin = (stdin: NodeJS.ReadStream = process.stdin): RouterKeys => {
  let rest = "";
  let latest: string | undefined;
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const take = (line: string): void => {
    latest = line;
    resolve();
    keys.onChange?.();
  };
  const keys: RouterKeys = {
    read: async () => {
      await first;
      const variables = variablesOf(latest ?? "");
      if (variables !== undefined) return variables;
      throw new SwitchyardError("usage.invalid", {
        detail: "--keys-stdin: the line of stdin is not a JSON object of strings",
        hint: example,
      });
    },
    keyFiles: false,
    onChange: undefined,
  };
  const end = (): void => {
    // The last line may lack its line feed.
    if (latest === undefined) take(rest);
  };
  stdin
    .setEncoding("utf8")
    .on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "" || latest === undefined) take(line);
    })
    .once("end", end)
    .once("error", end);
  return keys;
};
