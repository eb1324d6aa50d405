/** Custom rules and their script, of a checked configuration. What is wrong is told. */
import { isZone, machineZone, parseHours } from "./hours.ts";
import { type Path, showPath } from "./problems.ts";
import { readClientKey } from "./resolve-rule-keys.ts";
import { isThere, readUse, type RouteSurroundings } from "./resolve-routes.ts";
import { parsePattern } from "./rule-patterns.ts";
import type { ScriptSource } from "./rules-script.ts";
import type { RawConfig } from "./schema.ts";
import { positionAt, treeAt } from "./tree.ts";
import type { Schedule } from "./types-keys.ts";
import type { CustomRouting, CustomRule, Pattern, RuleConditions, RulesScript } from "./types-rules.ts";
import { milliseconds } from "./units.ts";

type RawRule = NonNullable<RawConfig["rules"]>[number];
type RawWhen = NonNullable<RawRule["when"]>;

export interface RuleSurroundings extends RouteSurroundings {
  readonly lookup: (name: string) => string | undefined;
  /** `server.clientKeys`, resolved. */
  readonly clientKeys: readonly string[];
  readonly notices: string[];
}

/** Long enough for a look-up on this machine, short enough that nobody notices it before the first token. */
const defaultTimeout = 200;

/** @returns undefined where there is neither a rule nor a script */
export const resolveRules = (
  raw: RawConfig,
  script: ScriptSource | undefined,
  around: RuleSurroundings,
): CustomRouting | undefined => {
  const names = new Set<string>();
  const rules = (raw.rules ?? []).map((rule, i) => resolveRule(rule, i, names, around));
  const own = resolveScript(raw, script, around);
  if (rules.length === 0 && own === undefined) return undefined;
  return { rules, script: own };
};

const resolveScript = (
  raw: RawConfig,
  script: ScriptSource | undefined,
  { tree, problems }: RuleSurroundings,
): RulesScript | undefined => {
  if (script === undefined) return undefined;
  const path = ["rulesScript"];
  if (script.kind === "problem") return problems.add(positionAt(tree, path), path, script.text) as undefined;
  const { file, name, text } = script;
  const limit = raw.rulesScriptTimeout;
  return { file, name, text, timeout: limit === undefined ? defaultTimeout : milliseconds(limit) };
};

const resolveRule = (
  raw: RawRule,
  index: number,
  names: Set<string>,
  around: RuleSurroundings,
): CustomRule => {
  const { tree, problems } = around;
  const path = ["rules", index];
  const tell = (text: string, at: Path = path): void => problems.add(positionAt(tree, at), at, text);
  const name = raw.name ?? String(index + 1);
  const namePath = [...path, "name"];
  if (!/^[\w.-]{1,40}$/.test(name))
    tell("a rule's name is made of up to 40 letters, digits, `.`, `-` and `_`.", namePath);
  if (name === "script") tell("`script` is the name of the script; choose another.", namePath);
  if (names.has(name)) tell("another rule has the same name.", namePath);
  names.add(name);
  const when = treeAt(tree, [...path, "when"]);
  if (when === undefined || (when.kind === "map" && when.entries.size === 0) || isEmpty(when))
    tell('`when` is missing: a map of conditions; `when: { model: "*" }` holds for every request.');
  const usePath = [...path, "use"];
  if (!isThere(tree, usePath)) tell("`use` is missing: a target, or a list of targets.");
  const use =
    raw.use === undefined ? [] : readUse(raw.use, usePath, around, "to do without the rule take it out.");
  return { name, when: resolveWhen(raw.when ?? {}, [...path, "when"], around), use };
};

const isEmpty = (node: NonNullable<ReturnType<typeof treeAt>>): boolean =>
  node.kind === "scalar" && node.value === null;

/** One or many, as a list; what is wrong in it is left out and told. */
const readList = <Out>(
  given: string | readonly string[] | undefined,
  path: Path,
  { tree }: RuleSurroundings,
  read: (text: string, path: Path) => Out | undefined,
): readonly Out[] | undefined => {
  if (given === undefined) return undefined;
  if (typeof given === "string") return [read(given, path) ?? []].flat() as Out[];
  return given.flatMap((text, i) => {
    const at = [...path, i];
    const node = treeAt(tree, at);
    // An empty text stands where something wrong was taken out; it was told already.
    if (text === "" && !(node?.kind === "scalar" && node.value === "")) return [];
    return read(text, at) ?? [];
  });
};

const resolveWhen = (raw: RawWhen, path: Path, around: RuleSurroundings): RuleConditions => {
  const { tree, filled, problems } = around;
  const patterns = (
    given: string | readonly string[] | undefined,
    at: Path,
    plain: "glob" | "text",
  ): readonly Pattern[] | undefined =>
    readList(given, at, around, (text, place) => {
      // What came out of a variable may be something that is not to be shown.
      const pattern = parsePattern(
        text,
        plain,
        filled.has(showPath(place)) ? "the text of its variable" : text,
      );
      if (typeof pattern !== "string") return pattern;
      return problems.add(positionAt(tree, place), place, pattern) as undefined;
    });
  const orBoolean = (given: boolean | string | readonly string[] | undefined, at: Path) =>
    typeof given === "boolean" ? given : patterns(given, at, "glob");
  const names = (field: "model" | "profile" | "agent" | "session") =>
    patterns(raw[field], [...path, field], "glob");
  const words = (field: "system" | "lastUser") => patterns(raw[field], [...path, field], "text");
  const header = Object.entries(raw.header ?? {}).map(
    ([name, value]) => [name.toLowerCase(), orBoolean(value, [...path, "header", name]) ?? true] as const,
  );
  const out: { [Name in keyof RuleConditions]: RuleConditions[Name] | undefined } = {
    model: names("model"),
    system: words("system"),
    lastUser: words("lastUser"),
    tokens: readTokens(raw.tokens, [...path, "tokens"], around),
    tools: orBoolean(raw.tools, [...path, "tools"]),
    images: raw.images,
    thinking: raw.thinking,
    profile: names("profile"),
    clientKey: readList(raw.clientKey, [...path, "clientKey"], around, (text, at) =>
      readClientKey(text, at, around),
    ),
    hours: readHours(raw, path, around),
    subagent: raw.subagent,
    agent: names("agent"),
    session: names("session"),
    header: raw.header === undefined ? undefined : Object.fromEntries(header),
  };
  return Object.fromEntries(Object.entries(out).filter(([, value]) => value !== undefined));
};

const readTokens = (
  raw: RawWhen["tokens"],
  path: Path,
  { tree, problems }: RuleSurroundings,
): RuleConditions["tokens"] => {
  if (raw === undefined) return undefined;
  const { over, under } = raw;
  if (["over", "under"].every((name) => treeAt(tree, [...path, name]) === undefined))
    problems.add(positionAt(tree, path), path, "neither `over` nor `under` is there: a number of tokens.");
  if (over !== undefined && under !== undefined && under <= over + 1)
    problems.add(positionAt(tree, path), path, `no number is over ${over} and under ${under}.`);
  return { ...(over !== undefined && { over }), ...(under !== undefined && { under }) };
};

const readHours = (raw: RawWhen, path: Path, around: RuleSurroundings): Schedule | undefined => {
  const { tree, problems, notices } = around;
  const tell = (field: string, text: string): undefined =>
    problems.add(positionAt(tree, [...path, field]), [...path, field], text) as undefined;
  const timezone = raw.timezone ?? machineZone();
  if (!isZone(timezone))
    tell("timezone", "found no zone that is known, expected a name as Europe/Berlin or UTC.");
  if (raw.hours === undefined) {
    if (raw.timezone !== undefined && treeAt(tree, [...path, "hours"]) === undefined)
      tell("timezone", "has no effect without `hours`; remove it, or say which hours.");
    return undefined;
  }
  if (raw.timezone === undefined)
    notices.push(`${showPath(path)} goes by this machine's zone, ${timezone}; \`timezone\` names another.`);
  const hours = parseHours(raw.hours);
  if (hours === undefined)
    return tell("hours", "found no days and hours, expected mon-fri 09:00-18:00, or 22:00-06:00.");
  return { hours, timezone };
};
