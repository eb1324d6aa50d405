/**
 * What a build needs of this machine and must not keep: the CA bundle, settings of npm, pip and Go, a Debian mirror, proxies. The
 * last are BuildKit's predefined arguments, which stay out of the image's history; the others are files that it mounts as
 * secrets for single steps.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemCodeOf } from "../shared/errors.ts";
import { readIfThereSync } from "../shared/files.ts";
import type { Environment } from "../shared/paths.ts";
import { goSettings } from "./go-settings.ts";
import { pipCertificate, pipSettings } from "./pip-settings.ts";

const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] as const;

/** The machine's proxy settings, each under both of its usual spellings. */
export const proxySettings = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    proxyNames.flatMap((name) => {
      const value = env[name] || env[name.toLowerCase()];
      return value === undefined || value === ""
        ? []
        : [
            [name, value],
            [name.toLowerCase(), value],
          ];
    }),
  );

/** The CA bundle that this machine was told to trust, by the variables that Node and OpenSSL go by. */
export const caBundle = (env: Environment): string | undefined =>
  [env["SWITCHYARD_CA"], env["NODE_EXTRA_CA_CERTS"], env["SSL_CERT_FILE"]].find(
    (file): file is string => file !== undefined && file !== "" && existsSync(file),
  );

/** Empty where there is none, and where this user may not read it: npm, pip and Go, run by the same user, do not go by it either. */
const textOf = (file: string | undefined): string => {
  if (file === undefined) return "";
  try {
    return readIfThereSync(file) ?? "";
  } catch (error) {
    if (systemCodeOf(error) === "EACCES") return "";
    throw error;
  }
};

/** Settings of npm that the image's own npm needs to reach the same registry. */
const npmSettings = (env: Environment, home: string): string => {
  const file = env["NPM_CONFIG_USERCONFIG"] || env["npm_config_userconfig"] || join(home, ".npmrc");
  const registry = env["NPM_CONFIG_REGISTRY"] || env["npm_config_registry"];
  const wanted = /^\s*(registry|@[\w.-]+:registry|\/\/|proxy|https-proxy|noproxy|strict-ssl|ca\b|ca\[\])/;
  const lines = textOf(file)
    .split("\n")
    .filter((line) => wanted.test(line));
  return [...lines, ...(registry === undefined ? [] : [`registry=${registry}`])].join("\n");
};

/** sources.list of the machine's own Debian archive; empty where the machine is not Debian. */
const aptSources = async (root: string): Promise<string> => {
  if (!existsSync("/etc/debian_version") || !existsSync("/usr/bin/apt-get")) return "";
  const script = join(root, "scripts", "debian-archive.sh");
  try {
    const { stdout } = await promisify(execFile)("bash", [
      "-c",
      '. "$1"; debian_sources bookworm',
      "bash",
      script,
    ]);
    return stdout;
  } catch {
    return "";
  }
};

export interface BuildInputs {
  /** Arguments of `docker buildx build`. */
  readonly args: readonly string[];
  /** Proxy settings, passed by environment so that no credential stands on a command line. */
  readonly env: Record<string, string>;
  dispose(): Promise<void>;
}

/**
 * @param options.ownSources the base image names no Debian archive of its own (images/base), so the machine's is lent to the build
 */
export const buildInputs = async (options: {
  env: Environment;
  home: string;
  root: string;
  ownSources: boolean;
}): Promise<BuildInputs> => {
  const { env, home, root } = options;
  const folder = await mkdtemp(join(tmpdir(), "switchyard-build-"));
  const args: string[] = [];
  const secret = async (id: string, text: string): Promise<void> => {
    if (text.trim() === "") return;
    const file = join(folder, id);
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    args.push("--secret", `id=${id},src=${file}`);
  };
  await secret("npmrc", npmSettings(env, home));
  await secret("pipconf", pipSettings(env, home));
  await secret("goenv", goSettings(env, home, textOf));
  await secret(
    "apt_sources",
    textOf(env["SWITCHYARD_APT_SOURCES"]) || (options.ownSources ? await aptSources(root) : ""),
  );
  const ca = caBundle(env) ?? pipCertificate(env, home);
  if (ca !== undefined) args.push("--secret", `id=ca,src=${ca}`);
  const proxies = proxySettings(env);
  // Without a value the argument takes that of the environment.
  for (const name of Object.keys(proxies)) args.push("--build-arg", name);
  return { args, env: proxies, dispose: () => rm(folder, { recursive: true, force: true }) };
};
