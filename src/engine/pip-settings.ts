/** What pip goes by on this machine to reach its index, for a build that must reach the same one. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../shared/paths.ts";

/** Where packages come from, and through what. Paths of this machine (`find-links`, `cache-dir`, …) would mean nothing in a build. */
const wanted = ["index-url", "extra-index-url", "trusted-host", "proxy"] as const;
/** Named apart: the file itself is lent to the build, not its path. */
const certificate = "cert";

/** The machine's, for all users. */
const everybodys = "/etc/pip.conf";

type Settings = Map<string, string>;

/** A later section stands above an earlier one, as in pip: what is said of `install` above what is said of all. */
const sections = ["global", "install"] as const;

/** Reads pip's form of INI: `key = value`, its further lines indented, comments on lines of their own. */
const parse = (text: string): Settings => {
  const found = new Map<string, Settings>(sections.map((name) => [name, new Map()]));
  let section = "";
  let key: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "" || /^\s*[#;]/.test(line)) continue;
    const heading = /^\[([^\]]+)\]/.exec(line)?.[1];
    const settings = found.get(section);
    if (heading !== undefined) {
      section = heading.trim();
      key = undefined;
    } else if (/^\s/.test(line)) {
      const before = key === undefined ? undefined : settings?.get(key);
      if (key !== undefined && before !== undefined) settings?.set(key, `${before} ${line.trim()}`.trim());
    } else {
      const [name = "", value = ""] = line.split(/[=:](.*)/s);
      // Both spellings are the same option.
      key = name.trim().toLowerCase().replaceAll("_", "-");
      settings?.set(key, value.trim());
    }
  }
  return new Map(sections.flatMap((name) => [...(found.get(name) ?? [])]));
};

/** The files that pip reads, in its order: the last one wins (pip's documentation, "Configuration files"). */
const files = (env: Environment, home: string, system: string): string[] => {
  const own = env["PIP_CONFIG_FILE"];
  // pip's way to say: no file at all.
  if (own === "/dev/null") return [];
  const xdg = env["XDG_CONFIG_HOME"];
  return [
    system,
    join(home, ".pip", "pip.conf"),
    join(xdg !== undefined && xdg.startsWith("/") ? xdg : join(home, ".config"), "pip", "pip.conf"),
    ...(own === undefined || own === "" ? [] : [own]),
  ];
};

const allSettings = (env: Environment, home: string, system: string): Settings => {
  const settings: Settings = new Map();
  for (const file of files(env, home, system).filter((each) => existsSync(each))) {
    for (const [key, value] of parse(readFileSync(file, "utf8"))) settings.set(key, value);
  }
  for (const key of [...wanted, certificate]) {
    const value = env[`PIP_${key.toUpperCase().replaceAll("-", "_")}`];
    if (value !== undefined && value !== "") settings.set(key, value);
  }
  return settings;
};

/** Text of a pip.conf with this machine's index and proxy and nothing else of it; empty where pip goes by its defaults. */
export const pipSettings = (env: Environment, home: string, system = everybodys): string => {
  const settings = allSettings(env, home, system);
  const lines = wanted.flatMap((key) => {
    const value = settings.get(key);
    return value === undefined || value === "" ? [] : [`${key} = ${value}`];
  });
  return lines.length === 0 ? "" : ["[global]", ...lines].join("\n");
};

/** The CA bundle that pip was told to trust, where that file is there. */
export const pipCertificate = (env: Environment, home: string, system = everybodys): string | undefined => {
  const file = allSettings(env, home, system).get(certificate);
  return file !== undefined && file !== "" && existsSync(file) ? file : undefined;
};
