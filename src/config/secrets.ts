/** The user's keys: ~/.config/switchyard/keys.env, a file of NAME=value lines that nobody else can read. */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { SwitchyardError, systemCodeOf } from "../shared/errors.ts";
import { readIfThereSync } from "../shared/files.ts";
import { type Environment, keysFile } from "../shared/paths.ts";

const assignment = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/;
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a shell's quotes mean, as far as such files use them. */
const unquote = (raw: string): string => {
  const text = raw.trim();
  if (/^'[^']*'/.test(text)) return text.slice(1, text.indexOf("'", 1));
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (double) return (double[1] ?? "").replaceAll(/\\(["\\$`])/g, "$1");
  return text.replace(/\s+#.*$/, "");
};

const quote = (value: string): string => {
  if (/^[\w.+/=:@%,~-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : `'${value}'`;
};

/**
 * The assignments of a text of NAME=value lines; the last of a name counts.
 * @returns values, and the numbers of the lines that are neither an assignment, a comment nor empty
 */
export const parseEnvFile = (text: string): { values: Map<string, string>; bad: number[] } => {
  const values = new Map<string, string>();
  const bad: number[] = [];
  for (const [i, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const parts = assignment.exec(line);
    if (parts?.[1] === undefined) bad.push(i + 1);
    else values.set(parts[1], unquote(parts[2] ?? ""));
  }
  return { values, bad };
};

const textIfThere = (file: string): string | undefined => {
  try {
    return readIfThereSync(file);
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `${file} (${systemCodeOf(error) ?? "unknown"})`,
      cause: error,
    });
  }
};

/**
 * The keys of the user's file; none where there is no file.
 * @throws SwitchyardError secrets.insecure (group or others can read it), secrets.invalid, config.unreadable
 */
export const readKeysFile = (file: string): Map<string, string> => {
  const text = textIfThere(file);
  if (text === undefined) return new Map();
  const mode = statSync(file).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new SwitchyardError("secrets.insecure", {
      detail: `${file} has mode ${mode.toString(8).padStart(4, "0")}, expected 0600`,
      hint: `Run: chmod 600 ${file}`,
    });
  }
  const { values, bad } = parseEnvFile(text);
  if (bad.length > 0) {
    throw new SwitchyardError("secrets.invalid", {
      detail: bad.map((line) => `${file}:${line}: expected NAME=value`).join("\n  "),
    });
  }
  return values;
};

/** A `.env` in the checkout; undefined where there is none. Lines that are not understood are passed over: it may serve others too. */
export const readDotEnv = (file: string): Map<string, string> | undefined => {
  const text = textIfThere(file);
  return text === undefined ? undefined : parseEnvFile(text).values;
};

/** The names in the user's file of keys, in its order. Values are not given. */
export const listSecrets = (env: Environment): string[] => [...readKeysFile(keysFile(env)).keys()];

/**
 * Sets a key in the user's file: made where it is missing (0600, its folder 0700), every other line kept.
 * @throws SwitchyardError usage.invalid for a name or value that such a file cannot hold; secrets.insecure never: the file is made private
 */
export const setSecret = (env: Environment, name: string, value: string): void => {
  requireName(name);
  if (/[\r\n\0]/.test(value))
    throw new SwitchyardError("usage.invalid", { detail: `the value of ${name} has more than one line` });
  if (value === "")
    throw new SwitchyardError("usage.invalid", {
      detail: `the value of ${name} is empty`,
      hint: "To remove it: switchyard secrets unset.",
    });
  rewrite(keysFile(env), name, `${name}=${quote(value)}`);
};

/** Removes a key from the user's file. False where it was not there. */
export const unsetSecret = (env: Environment, name: string): boolean => {
  requireName(name);
  const file = keysFile(env);
  if (!parseEnvFile(textIfThere(file) ?? "").values.has(name)) return false;
  rewrite(file, name, undefined);
  return true;
};

const requireName = (name: string): void => {
  if (variableName.test(name)) return;
  throw new SwitchyardError("usage.invalid", {
    detail: "the name of a key is the name of a variable: letters, digits and _",
    hint: "Such as: switchyard secrets set OPENROUTER_API_KEY",
  });
};

/** Replaces the line of a name in place, at once: a reader sees the old file or the new one, never a part. */
const rewrite = (file: string, name: string, line: string | undefined): void => {
  const before = (textIfThere(file) ?? "").split("\n");
  if (before.at(-1) === "") before.pop();
  const after: string[] = [];
  let placed = line === undefined;
  for (const old of before) {
    if (assignment.exec(old)?.[1] !== name) after.push(old);
    else if (!placed && line !== undefined) {
      after.push(line);
      placed = true;
    }
  }
  if (!placed && line !== undefined) after.push(line);
  writePrivately(file, after.length === 0 ? "" : `${after.join("\n")}\n`);
};

const writePrivately = (file: string, text: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const target = realTarget(file);
    const temporary = `${target}.${randomBytes(6).toString("hex")}.tmp`;
    const handle = openSync(temporary, "wx", 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    try {
      chmodSync(temporary, 0o600);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new SwitchyardError("config.unreadable", {
      detail: `${file} cannot be written (${systemCodeOf(error) ?? "unknown"})`,
      cause: error,
    });
  }
};

/** Where a link leads, so that the link stays and the file behind it is replaced. */
const realTarget = (file: string): string => {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
};
