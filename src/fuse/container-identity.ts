/** Who runs what inside the container: command lines that leave every privilege behind. */
import { clientConfigDir, clientHome, gidVariable, uidVariable } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import type { Environment } from "../shared/paths.ts";
import { clientEnvironment, type ClientOptions } from "./client-settings.ts";

/**
 * Node as it runs here. A client with UID 0 may send signals to the supervisor; SIGUSR1 would open Node's debugger, and with
 * it all that the supervisor may do.
 */
export const node: readonly string[] = ["node", "--disable-sigusr1", "--disable-warning=ExperimentalWarning"];

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A command line that runs `command` as `identity` with no capability, none that it could gain, and no other groups.
 * It holds for UID 0 as well: the bounding set is empty, so that executing a file gives a root nothing back.
 */
export const withoutPrivileges = (identity: Identity, command: readonly string[]): string[] => [
  // By its full path: the client's own folder comes first in the PATH of its shells, and this one program is run as root.
  "/usr/bin/setpriv",
  `--reuid=${identity.uid}`,
  `--regid=${identity.gid}`,
  "--clear-groups",
  "--inh-caps=-all",
  "--ambient-caps=-all",
  "--bounding-set=-all",
  "--no-new-privs",
  "--",
  ...command,
];

const idOf = (env: Environment, variable: string): number => {
  const text = env[variable] ?? "";
  if (!/^\d{1,10}$/.test(text)) {
    throw new SwitchyardError("fuse.failed", { detail: `${variable} is no user id: '${text}'` });
  }
  return Number(text);
};

/** The client's user, as the generated compose document names it. */
export const clientIdentity = (env: Environment): Identity => ({
  uid: idOf(env, uidVariable),
  gid: idOf(env, gidVariable),
});

/** What the caller's terminal may say about itself to the client. */
const ofTheTerminal = [
  "TERM",
  "COLORTERM",
  "TERM_PROGRAM",
  "NO_COLOR",
  "FORCE_COLOR",
  "LANG",
  "LC_ALL",
  "TZ",
] as const;

/** Names under which tools look for a bundle of CA certificates. */
export const caVariables = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
] as const;

/** Proxy and CA settings of the host, as variables. `caFile` is where the supervisor laid the bundle. */
export const networkEnvironment = (
  proxy: Readonly<Record<string, string>>,
  caFile: string | undefined,
): Record<string, string> => ({
  ...proxy,
  ...(caFile === undefined ? {} : Object.fromEntries(caVariables.map((name) => [name, caFile]))),
});

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment of a shell, made from nothing: what the container's own environment holds is not passed on. */
export const sessionEnvironment = (
  inherited: Environment,
  identity: Identity,
  client: ClientOptions,
  network: Readonly<Record<string, string>>,
): Record<string, string> => {
  const user = identity.uid === 0 ? "root" : "client";
  const terminal = Object.fromEntries(
    ofTheTerminal.flatMap((name) => (inherited[name] === undefined ? [] : [[name, inherited[name]]])),
  ) as Record<string, string>;
  return {
    PATH: `${clientHome}/.local/bin:${path}`,
    HOME: clientHome,
    USER: user,
    LOGNAME: user,
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    ...terminal,
    ...network,
    ...clientEnvironment({ ...client, configDir: clientConfigDir, isolated: true, uid: identity.uid }),
  };
};

/** The environment of the backend and of the supervisor's other helpers. */
export const helperEnvironment = (
  home: string,
  network: Readonly<Record<string, string>>,
): Record<string, string> => ({
  PATH: path,
  // Warmed when the image was built.
  NODE_COMPILE_CACHE: "/opt/switchyard/.compile-cache",
  HOME: home,
  LANG: "C.UTF-8",
  ...network,
});
