/** What no line of a log may show, whoever printed it: a service of a third party knows nothing of our redaction. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { parseEnvFile } from "../../config/secrets.ts";
import { redactor } from "../../shared/log.ts";

/** Names whose value is a secret: `LITELLM_MASTER_KEY`, `clientKeys`, `auth_token`, `password`; not `keyHeader`. */
const keyLike = /(?:key|token|secret|password|passwd|credential)s?(?:_?\d+)?$/i;

/** Shorter values are ordinary words; the redactor passes them over too. */
const shortest = 8;

/** The password of an address such as a proxy's. */
const passwordOf = (text: string): string[] => {
  const found = /^[a-z][a-z\d+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(text)?.[1];
  return found === undefined ? [] : [found];
};

const namedSecrets = (name: string, value: unknown): string[] => {
  if (typeof value === "string") return keyLike.test(name) ? [value] : passwordOf(value);
  if (Array.isArray(value)) return value.flatMap((each) => namedSecrets(name, each));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([below, each]) => namedSecrets(below, each));
};

/** `name: value` of a YAML file, far enough for a value on one line. */
const yamlSecrets = (text: string): string[] =>
  [...text.matchAll(/^[\s-]*["']?([\w.-]+)["']?\s*:\s*(["']?)(\S+)\2\s*$/gm)].flatMap(
    ([, name = "", , value = ""]) =>
      // Named, not written out.
      value.startsWith("os.environ/") || value.startsWith("${") ? [] : namedSecrets(name, value),
  );

const secretsOfFile = (name: string, text: string): string[] => {
  if (name.endsWith(".json")) {
    try {
      return namedSecrets("", JSON.parse(text));
    } catch {
      return [];
    }
  }
  if (/\.ya?ml$/.test(name)) return yamlSecrets(text);
  if (name.endsWith(".env"))
    return [...parseEnvFile(text).values].flatMap(([each, value]) => namedSecrets(each, value));
  return [];
};

/** Every value with a name like a key's in the files below `<state>/secrets`: clients' keys among them, which no configuration holds. */
export const secretsOfState = (stateDir: string): string[] => {
  const folder = join(stateDir, "secrets");
  const found: string[] = [];
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      try {
        found.push(...secretsOfFile(entry.name, readFileSync(join(entry.parentPath, entry.name), "utf8")));
      } catch {
        // Gone since, or another user's: what it holds was never ours to know.
      }
    }
  } catch {
    // Nothing was ever started in a container.
  }
  return [...new Set(found.filter((value) => value.length >= shortest))];
};

/** A secret as it may stand in a line: as it is, inside JSON, inside an address; one of several lines by each of them. */
const formsOf = (secret: string): string[] =>
  secret
    .split(/\r?\n/)
    .map((line) => line.trim())
    // `-----BEGIN PRIVATE KEY-----` is none.
    .filter((line) => !line.startsWith("-----"))
    .flatMap((line) => [
      line,
      JSON.stringify(line).slice(1, -1),
      // Half a character of two cannot stand in an address.
      ...(line.isWellFormed() ? [encodeURIComponent(line)] : []),
    ]);

/** A client key that the supervisor made for a session: it stands in no file. */
const sessionKey = /\bs[wy]-[0-9a-f]{44}([0-9a-f]{4})(?![0-9a-f])/g;

export interface Redaction {
  readonly redact: (text: string) => string;
  /** Characters of the longest secret: where a text was cut, so much of its end may be the beginning of one. */
  readonly longest: number;
}

export const redactionOf = (secrets: readonly string[]): Redaction => {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= shortest).flatMap(formsOf))];
  const known = redactor(forms);
  const plain = (text: string): string => known(text).replaceAll(sessionKey, "[redacted …$1]");
  return {
    redact: (text) => {
      const out = plain(text);
      if (!out.includes("\u001B")) return out;
      // Colours inside a secret hide it from a comparison, and from nobody who reads it.
      const bare = stripVTControlCharacters(out);
      const clean = plain(bare);
      return clean === bare ? out : clean;
    },
    longest: forms.reduce((most, { length }) => Math.max(most, length), 64),
  };
};
