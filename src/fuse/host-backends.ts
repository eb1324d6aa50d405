/** How each backend is started on the host: its command line, its environment, and what comes over its stdin. */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFlags } from "../shared/node-flags.ts";
import { accessDir } from "../shared/access-files.ts";
import { type Backend, backends } from "../shared/backends.ts";
import type { Environment } from "../shared/paths.ts";
import { sessionKeyVariable } from "../shared/session-key.ts";
import { provideLitellm } from "./litellm-install.ts";

/** A key that nobody can guess. */
export const makeKey = (): string => `sw-${randomBytes(24).toString("hex")}`;

export interface HostStart {
  /** Command line on a port of loopback. It ends when its stdin is closed. */
  readonly argv: (port: number) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** One line of JSON: variables with their values. */
  readonly stdin: string;
  readonly cwd: string;
  /** What the client has to send. */
  readonly clientKey: string;
}

export interface HostBackend {
  readonly backend: Backend;
  /**
   * Readies what it needs on the machine.
   * @param place.folder private, and gone when the shell ends
   * @param place.env the user's, without secrets
   * @param place.clientKey what the client sends already; undefined: a new one is made
   */
  prepare(place: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly clientKey?: string;
  }): Promise<HostStart>;
}

export interface HostRouterOptions {
  /** The checkout. */
  readonly root: string;
  /** The user's configuration file; undefined: the usual one. */
  readonly configFile?: string;
  /** Folder in which the router keeps what it remembers. */
  readonly stateDir: string;
}

/** Command line of a router on loopback that takes its keys from stdin, and ends when that is closed. */
export const routerCommand = (options: HostRouterOptions, port: number): string[] => [
  process.execPath,
  // As bin/switchyard starts it, with the compile cache.
  ...nodeFlags,
  "--disable-warning=ExperimentalWarning",
  join(options.root, "bin", "start.mjs"),
  "router",
  "--host",
  "127.0.0.1",
  "--port",
  String(port),
  "--keys-stdin",
  "--end-with-stdin",
  "--state",
  options.stateDir,
  "--access",
  accessDir(options.stateDir),
  ...(options.configFile === undefined ? [] : ["--config", options.configFile]),
];

/** @param options.keys variables that the configuration refers to, with their values: the router's alone */
export const hostRouter = (
  options: HostRouterOptions & { readonly keys: Readonly<Record<string, string>> },
): HostBackend => ({
  backend: backends.router,
  prepare: async ({ env, clientKey = makeKey() }) => {
    return {
      argv: (port) => routerCommand(options, port),
      env,
      stdin: JSON.stringify({ ...options.keys, [sessionKeyVariable]: clientKey }),
      cwd: options.root,
      clientKey,
    };
  },
});

/** What LiteLLM is configured with, as src/stack/litellm/ makes it. */
export interface LitellmFiles {
  /** YAML. */
  readonly config: string;
  /** Variables with their values: LiteLLM's alone. */
  readonly keys: Readonly<Record<string, string>>;
  /** What the client has to send where that is the user's own choice. */
  readonly clientKey: string | undefined;
}

export interface HostLitellmOptions {
  /** The checkout. */
  readonly root: string;
  /** Exact version, such as 1.102.4. */
  readonly version: string;
  readonly env: Environment;
  readonly say: (line: string) => void;
  readonly files: (keys: { readonly clientKey: string; readonly masterKey: string }) => LitellmFiles;
}

/** What a program needs of the user's environment to reach the network. All else is left out: LiteLLM turns on by variables. */
const passedOn = [
  "PATH",
  "LANG",
  "LC_ALL",
  "TZ",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
] as const;

export const hostLitellm = (options: HostLitellmOptions): HostBackend => ({
  backend: backends.litellm,
  prepare: async ({ folder, env }) => {
    const { root, version, say } = options;
    const image = join(root, "images", "litellm");
    const python = await provideLitellm({
      version,
      requirements: join(image, "requirements.txt"),
      env: options.env,
      say,
    });
    const made = { clientKey: makeKey(), masterKey: makeKey() };
    const files = options.files(made);
    const home = join(folder, "litellm");
    mkdirSync(home, { mode: 0o700 });
    const config = join(home, backends.litellm.configSecret);
    writeFileSync(config, files.config, { mode: 0o600 });
    const network = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
    return {
      argv: (port) => [
        python,
        // No compiled files beside the checkout's own.
        "-B",
        join(image, "start.py"),
        "--config",
        config,
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--end-with-stdin",
      ],
      env: {
        ...(Object.fromEntries(network) as Record<string, string>),
        HOME: home,
        TMPDIR: home,
        PYTHONUNBUFFERED: "1",
      },
      stdin: JSON.stringify(files.keys),
      cwd: home,
      clientKey: files.clientKey ?? made.clientKey,
    };
  },
});
