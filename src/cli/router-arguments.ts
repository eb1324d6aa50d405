/**
 * The command line of `switchyard router` without commander, which takes 10 ms of the router's start and 3 MB of its memory.
 * Only what is plainly right is understood here. Everything else (help, mistakes, unusual forms) is commander's to judge.
 */
import { parseArgs } from "node:util";

export interface RouterOptions {
  config?: string;
  host?: string;
  port?: number;
  keysStdin?: boolean;
  keysFile?: string;
  state?: string;
  access?: string;
  endWithStdin?: boolean;
}

/** The port that a text names, or undefined. */
export const portOf = (text: string): number | undefined => {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : undefined;
};

/**
 * The options that a plainly right command line of `switchyard router` gives, or undefined.
 * @param argv without program and script: ["router", "--port", "0"]
 */
export const plainRouterOptions = (argv: readonly string[]): RouterOptions | undefined => {
  if (argv[0] !== "router") return undefined;
  const values = parsed(argv.slice(1));
  if (values === undefined || Object.values(values).includes("")) return undefined;
  const port = values.port === undefined ? undefined : portOf(values.port);
  if (values.port !== undefined && port === undefined) return undefined;
  return {
    ...(values.config !== undefined && { config: values.config }),
    ...(values.host !== undefined && { host: values.host }),
    ...(port !== undefined && { port }),
    ...(values["keys-file"] !== undefined && { keysFile: values["keys-file"] }),
    ...(values.state !== undefined && { state: values.state }),
    ...(values.access !== undefined && { access: values.access }),
    ...(values["keys-stdin"] === true && { keysStdin: true }),
    ...(values["end-with-stdin"] === true && { endWithStdin: true }),
  };
};

const parsed = (args: string[]) => {
  try {
    return parseArgs({
      args,
      strict: true,
      allowPositionals: false,
      options: {
        config: { type: "string", short: "c" },
        host: { type: "string" },
        port: { type: "string" },
        "keys-file": { type: "string" },
        "keys-stdin": { type: "boolean" },
        state: { type: "string" },
        access: { type: "string" },
        "end-with-stdin": { type: "boolean" },
      },
    }).values;
  } catch {
    return undefined;
  }
};
