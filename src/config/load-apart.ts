/**
 * The configuration, read in a process of its own that ends with it: whoever serves for days holds neither the YAML parser nor
 * the schemas, and imports what it needs itself meanwhile. Everything goes through pipes: a key stands in no environment, on no
 * command line and in no file.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { deserialize } from "node:v8";
import { compileCacheVariable } from "../shared/compile-cache.ts";
import { SwitchyardError, type ErrorCode } from "../shared/errors.ts";
import type { LoadOptions } from "./source.ts";
import type { Config } from "./types.ts";

/** What the child answers, in the form of node:v8's `serialize`. */
export type LoadAnswer =
  | { readonly config: Config }
  | { readonly error: { readonly code: ErrorCode; readonly detail?: string; readonly hint: string } };

export interface ApartLoader {
  /**
   * Asks for the configuration, once.
   * @throws SwitchyardError as `loadConfig`; `internal` where the child fails, with its last words
   */
  load(options: LoadOptions): Promise<Config>;
  /** Ends the child where it still runs: it is not needed after all. */
  end(): void;
}

const childFile = fileURLToPath(new URL("load-child.ts", import.meta.url));

/** Starts the child before it is known what it is to read: it imports its libraries, then waits. */
export const startLoader = (): ApartLoader => {
  const child = spawn(
    process.execPath,
    // SIGUSR1 would open Node's debugger to whoever may send it, and the child holds keys.
    ["--disable-sigusr1", "--disable-warning=ExperimentalWarning", childFile],
    { env: ownEnvironment(), stdio: ["pipe", "pipe", "pipe"] },
  );
  const answer: Buffer[] = [];
  let words = "";
  const answered = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => answer.push(chunk)).once("close", resolve);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (words = (words + text).slice(-4000)));
  // One that ended early closes its side; what it was is told below.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) =>
      resolve(signal === null ? `exit status ${code ?? "unknown"}` : `signal ${signal}`),
    );
  });
  return {
    load: async (options) => {
      child.stdin.end(JSON.stringify(options));
      await answered;
      const given = read(Buffer.concat(answer));
      if (given !== undefined) return configOf(given);
      throw new SwitchyardError("internal", {
        detail: ["the process that reads the configuration failed", await ended, ...lastWords(words)].join(
          "\n  ",
        ),
      });
    },
    end: () => void child.kill("SIGKILL"),
  };
};

/**
 * `loadConfig` in a process of its own.
 * @throws SwitchyardError as `loadConfig`; `internal` where the child fails, with its last words
 */
export const loadConfigApart = (options: LoadOptions): Promise<Config> => startLoader().load(options);

/** What Node itself needs; the environment that the configuration is resolved with comes through the pipe. */
const ownEnvironment = (): Record<string, string> => {
  const libraries = process.env["LD_LIBRARY_PATH"];
  return {
    ...compileCacheVariable(),
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
};

/** The answer, or undefined where it is not a whole one. */
const read = (bytes: Buffer): LoadAnswer | undefined => {
  try {
    return deserialize(bytes) as LoadAnswer;
  } catch {
    return undefined;
  }
};

const configOf = (answer: LoadAnswer): Config => {
  if ("config" in answer) return answer.config;
  const { code, detail, hint } = answer.error;
  throw new SwitchyardError(code, { ...(detail !== undefined && { detail }), hint });
};

/** What it said, without stacks. */
const lastWords = (words: string): string[] =>
  words
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(?:at |Node\.js v|-+ )/.test(line))
    .slice(-5);
