/** `switchyard accounts login`: CLIProxyAPI's own login, in a container of its own or by the user's program, and what came of it. */
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { say } from "../commands/command.ts";
import { writePriority } from "./change.ts";
import { type Account, readAccounts, rulePriority } from "./files.ts";
import { type LoginFlow, loginFlows } from "./flows.ts";
import type { AccountsPlace } from "./place.ts";

export interface LoginOptions {
  readonly device?: boolean;
  /** Of a Google Cloud project, for Gemini. */
  readonly project?: string;
  /** The user's own CLIProxyAPI. */
  readonly program?: string;
  /** The address is printed alone; no browser is opened. */
  readonly browser?: boolean;
}

/** Names under which installers put it (Homebrew, the releases, the official image). */
const programNames = ["cliproxyapi", "cli-proxy-api", "CLIProxyAPI"];

/** @throws SwitchyardError usage.invalid */
const requireProgram = (file: string): string => {
  try {
    accessSync(file, constants.X_OK);
    return file;
  } catch (error) {
    throw new SwitchyardError("usage.invalid", {
      detail: `--program ${file} cannot be run (${systemCodeOf(error) ?? "unknown"})`,
      hint: "Name the file of CLIProxyAPI's program.",
      cause: error,
    });
  }
};

const programOf = (named: string | undefined): string => {
  if (named?.includes("/") === true) return requireProgram(named);
  const names = named === undefined ? programNames : [named];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (const name of names)
    for (const folder of folders) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not there.
      }
    }
  throw new SwitchyardError("usage.invalid", {
    detail: `no CLIProxyAPI is in the PATH (${names.join(", ")})`,
    hint: "Name the program: --program FILE.",
  });
};

/** @throws SwitchyardError usage.invalid */
const flowOf = (kind: string, { device, project }: LoginOptions): { flow: LoginFlow; options: string[] } => {
  const flow = Object.hasOwn(loginFlows, kind) ? loginFlows[kind] : undefined;
  if (flow === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: `there is no login for '${kind}'`,
      hint: `There are: ${Object.keys(loginFlows).join(", ")}.`,
    });
  if (device === true && flow.deviceOption === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: `--device is not for ${kind}`,
      hint: "It is for codex.",
    });
  if (project !== undefined && kind !== "gemini")
    throw new SwitchyardError("usage.invalid", {
      detail: `--project is not for ${kind}`,
      hint: "It is for gemini.",
    });
  const { port: _port, ...byCode } = flow;
  return {
    flow: device === true ? byCode : flow,
    options: [
      device === true ? flow.deviceOption! : flow.option,
      ...(project === undefined ? [] : ["-project_id", project]),
    ],
  };
};

/** What to expect: CLIProxyAPI itself tells of an SSH tunnel first, and of pasting only after a while. */
const explain = ({ title, port }: LoginFlow, published: boolean): void => {
  if (port === undefined) return say(`log in to ${title}: open the address below, on any device`);
  say(`log in to ${title}: open the address below in a browser`);
  const back = `http://localhost:${port}/…`;
  if (published) say(`on this machine the browser comes back by itself, to ${back}`);
  say(
    `from another machine it ends on a page ${back} that does not load: copy that address, and paste it here when you are asked (after 15 s); an SSH tunnel is not needed`,
  );
};

const inContainer = async (
  place: AccountsPlace,
  flow: LoginFlow,
  options: readonly string[],
): Promise<number> => {
  const { prepareLogin } = await import("./login-container.ts");
  const { port, run } = await prepareLogin(place.loaded, place.folder, flow.port);
  explain(flow, port !== undefined);
  return run([...options, "-no-browser"]);
};

const byProgram = async (
  file: string,
  flow: LoginFlow,
  options: readonly string[],
  { program, browser }: LoginOptions,
): Promise<number> => {
  const { runAttached } = await import("../../engine/one-off.ts");
  const found = programOf(program);
  explain(flow, true);
  const command = ["-config", file, ...options, ...(browser === false ? ["-no-browser"] : [])];
  return runAttached(found, command, process.env);
};

const textOf = ({ file }: Account): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/**
 * Logs in, and gives what came of it its priority: the one that it had before (a new login would take that away), else that of the rule.
 * @returns the accounts that are new or were renewed; none where the login failed, whose reason CLIProxyAPI has printed
 * @throws SwitchyardError usage.invalid; engine.*
 */
export const login = async (
  place: AccountsPlace,
  kind: string,
  options: LoginOptions,
): Promise<readonly Account[]> => {
  const { flow, options: given } = flowOf(kind, options);
  const before = new Map(
    readAccounts(place.folder).map((each) => [each.file, { ...each, text: textOf(each) }]),
  );
  // Its exit status says nothing: it is 0 after a login that failed, too.
  if (place.own === undefined) await inContainer(place, flow, given);
  else await byProgram(place.own.file, flow, given, options);
  const added = readAccounts(place.folder).filter((each) => before.get(each.file)?.text !== textOf(each));
  for (const each of added) {
    const known = before.get(each.file);
    const priority = known?.prioritySet === true ? known.priority : rulePriority(each);
    if (priority !== undefined) await writePriority(each, priority);
  }
  const names = new Set(added.map(({ file }) => file));
  return readAccounts(place.folder).filter(({ file }) => names.has(file));
};
