/**
 * The files that the stack's client reads of where its requests go: managed settings, which stand above those of a repository
 * and are read again while a session runs, and variables for every other tool. Pure; observed with Claude Code 2.1.329.
 */
import {
  clientConfigDir,
  managedSettingsDir,
  modelListFiles,
  targetFileName,
  workspaceDir,
} from "../shared/container-layout.ts";
import type { Environment } from "../shared/paths.ts";
import { modelListScript, modelListText } from "./model-list-copy.ts";
import { seedRouterCommand } from "./router-command.ts";
import { pinnedSettings, seedClientRecord, seedSettings, type ClientOptions } from "./client-settings.ts";
import { networkEnvironment } from "./container-identity.ts";
import { quoteWord } from "./shell-start.ts";
import { containerStatusLine, statusLineName, statusLineScript } from "./status-line-copy.ts";

/** How the client reaches one target. */
export interface StackConnection {
  readonly baseUrl: string;
  /** What the client sends; empty: nothing. */
  readonly token: string;
  /** The user's own login goes along: the token then travels in a header of its own. */
  readonly passthrough: boolean;
}

export interface StackClient {
  /** For the first line of the shell's file: where it points. */
  readonly target: string;
  readonly connection: StackConnection;
  /** Proxies of the machine. */
  readonly proxy: Environment;
  /** CA certificates that the machine trusts beyond the usual ones. */
  readonly ca?: string;
  /** Targets for the client's list of models, `provider,model`: none where the target does not serve them. */
  readonly models: readonly string[];
}

/** Names of the files, in the folder that is mounted at the client's managed settings. */
export const stackClientNames = {
  settings: "managed-settings.json",
  shell: targetFileName,
  ca: "ca.pem",
  seedSettings: "seed-settings.json",
  seedRecord: "seed-record.json",
  statusLine: statusLineName,
  seedCommand: "seed-router-command.md",
  models: modelListFiles.list,
  modelsScript: modelListFiles.script,
} as const;

/**
 * Every variable of a connection, the unused ones empty: a session that runs keeps a variable that its settings no longer
 * name, and would send the header of one target to the next.
 */
const connectionVariables = ({ baseUrl, token, passthrough }: StackConnection): Record<string, string> => ({
  ANTHROPIC_BASE_URL: baseUrl,
  ANTHROPIC_AUTH_TOKEN: passthrough ? "" : token,
  ANTHROPIC_CUSTOM_HEADERS: passthrough && token !== "" ? `x-switchyard-key: ${token}` : "",
});

const networkVariables = ({ proxy, ca }: StackClient): Record<string, string> =>
  networkEnvironment(
    Object.fromEntries(
      Object.entries(proxy).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    ca === undefined ? undefined : `${managedSettingsDir}/${stackClientNames.ca}`,
  );

/** The services of the stack, which no proxy reaches. */
const withoutProxy = (proxy: Environment, baseUrl: string): Environment => {
  const host = /^http:\/\/([^:/]+)/.exec(baseUrl)?.[1];
  const names = [...(proxy["NO_PROXY"] ?? "").split(","), ...(host === undefined ? [] : [host])];
  const noProxy = [...new Set(names.filter((name) => name !== ""))].join(",");
  return { ...proxy, NO_PROXY: noProxy, no_proxy: noProxy };
};

/** File name -> text. */
export const stackClientFiles = (given: StackClient): ReadonlyMap<string, string> => {
  const client = { ...given, proxy: withoutProxy(given.proxy, given.connection.baseUrl) };
  const { connection } = client;
  const options: ClientOptions = {
    baseUrl: connection.baseUrl,
    key: connection.token,
    configDir: clientConfigDir,
    passthrough: connection.passthrough,
    isolated: true,
  };
  const pinned = pinnedSettings(options, client.proxy);
  const variables = connectionVariables(connection);
  const settings = { ...pinned, env: { ...(pinned["env"] as Record<string, string>), ...variables } };
  const lines = Object.entries({ ...networkVariables(client), ...variables }).map(([name, value]) =>
    value === "" ? `unset ${name}` : `export ${name}=${quoteWord(value)}`,
  );
  return new Map<string, string>([
    [stackClientNames.settings, `${JSON.stringify(settings, null, 2)}\n`],
    [stackClientNames.shell, [`# target: ${client.target}`, ...lines, ""].join("\n")],
    [
      stackClientNames.seedSettings,
      seedSettings(undefined, { ...options, statusLine: containerStatusLine }) ?? "{}\n",
    ],
    [stackClientNames.seedCommand, seedRouterCommand(undefined) ?? ""],
    [stackClientNames.seedRecord, seedClientRecord(undefined, workspaceDir, client.models) ?? "{}\n"],
    [stackClientNames.models, modelListText(client.models)],
    [stackClientNames.modelsScript, modelListScript()],
    [stackClientNames.statusLine, statusLineScript()],
    ...(client.ca === undefined ? [] : [[stackClientNames.ca, client.ca] as const]),
  ]);
};

/** The target that `stackClientFiles` was made for, from the text of the shell's file. */
export const targetOfShellFile = (text: string | undefined): string | undefined =>
  /^# target: (.*)$/m.exec(text ?? "")?.[1];
