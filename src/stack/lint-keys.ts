/** Keys that would stand where everyone can read them: all that a document says of a service is shown by `docker inspect`. */
import { isJsonObject } from "../shared/json.ts";
import { type Finding, type LintRule, servicesOf, unescaped } from "./compose-like.ts";

/** Shorter ones would be found in ordinary words (as in shared/log.ts). */
const shortest = 8;

/**
 * What providers' keys look like: a known beginning, then a long run with a digit in it. Not after a slash or a hyphen: that is a
 * path or a name.
 */
const keyLike =
  /(?<![\w/-])(?:AIza[\w-]{30,}|(?:sk|pk|rk|gsk|xai|hf|ghp|pplx|nvapi)[-_](?=[\w-]*\d)[\w-]{20,})/;

/** Keys of a service in which nobody writes a key: names and paths only, which may look like one by chance. */
const withoutPattern = new Set(["image", "volumes", "secrets", "configs", "tmpfs", "networks", "depends_on"]);

/** Every string of a value with the way to it, names of keys included. */
const strings = function* (value: unknown, path: string): Generator<[string, string]> {
  if (typeof value === "string") yield [path, value];
  else if (Array.isArray(value))
    for (const [i, item] of value.entries()) yield* strings(item, `${path}[${i}]`);
  else if (isJsonObject(value))
    for (const [name, item] of Object.entries(value)) {
      yield [`${path} (a name)`, name];
      yield* strings(item, path === "" ? name : `${path}.${name}`);
    }
};

const keysInSight: LintRule = (document, facts) => {
  const secrets = (facts.secrets ?? []).filter((each) => each.length >= shortest);
  const reason = (text: string, pattern: boolean): string | undefined => {
    const plain = unescaped(text);
    if (secrets.some((each) => plain.includes(each))) return "holds one of your keys";
    return pattern && keyLike.test(plain) ? "looks like a provider's key" : undefined;
  };
  const within = (service: string | undefined, at: string, value: unknown): Finding[] =>
    [...strings(value, at)].flatMap(([path, text]): Finding[] => {
      const why = reason(text, service !== undefined && !withoutPattern.has(at));
      if (why === undefined) return [];
      // The way itself may be the secret: a variable's name, a label's.
      const key = reason(path, true) === undefined ? path : at;
      return [
        {
          severity: "error",
          rule: "secret.visible",
          ...(service !== undefined && { service }),
          key,
          message: `a value ${why}: \`docker inspect\` shows it to everyone who may use the engine`,
          todo: "Take it out; name keys in config/switchyard.yaml, from where they travel as secret files.",
        },
      ];
    });
  return [
    ...servicesOf(document).flatMap(([service, definition]) =>
      Object.entries(definition as Record<string, unknown>).flatMap(([key, value]) =>
        within(service, key, value),
      ),
    ),
    ...within(undefined, "networks", document.networks),
    ...within(undefined, "volumes", document.volumes),
  ];
};

export const keyRules: readonly LintRule[] = [keysInSight];
