/**
 * Accounts of a CLIProxyAPI: a JSON file each in its `auth-dir`. Read as version 6.9.16 does (internal/watcher/synthesizer/file.go):
 * `type`, `email`, `disabled`, and `priority` at the top, as a number or its digits, the larger one first. Versions before it read
 * `attributes.priority`. Tokens are never returned.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf, SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../../shared/json.ts";

export interface Account {
  /** The file's, without `.json`. */
  readonly name: string;
  readonly file: string;
  /** `codex`, `claude`, `gemini`, …; empty where the file is none. */
  readonly type: string;
  readonly email: string;
  /** As its provider names it (`plus`, `pro`, `team`, …); empty where nobody says. */
  readonly plan: string;
  /** What CLIProxyAPI goes by; 0 where none is set. */
  readonly priority: number;
  /** `attributes.priority`, where it differs: what older versions go by. */
  readonly oldPriority?: number;
  /** It stands in the file, for current and older versions. */
  readonly prioritySet: boolean;
  readonly disabled: boolean;
  /** Why CLIProxyAPI leaves it out. */
  readonly problem?: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value.trim() : "");

const wholeNumber = (value: unknown): number | undefined => {
  if (typeof value === "number") return Math.trunc(value);
  const digits = text(value);
  return /^[+-]?\d+$/.test(digits) ? Number(digits) : undefined;
};

/** The plan that OpenAI wrote into an account's token (a JWT; its signature is not looked at). */
const planInToken = (idToken: unknown): string => {
  const [, body = ""] = text(idToken).split(".");
  const claims = parseJsonObject(Buffer.from(body, "base64url").toString("utf8"))?.[
    "https://api.openai.com/auth"
  ];
  return isJsonObject(claims) ? text(claims["chatgpt_plan_type"]).toLowerCase() : "";
};

/**
 * The plan that a file's name tells: CLIProxyAPI writes `codex-ADDRESS-PLAN.json`, people write `codex-plus-1.json`. What looks like one in
 * the address itself is none.
 */
const planInName = (name: string): string => {
  const tail = name.slice(name.lastIndexOf("@") + 1).toLowerCase();
  return [...tail.matchAll(/-(plus|pro)(?=[-_]|$)/g)].at(-1)?.[1] ?? "";
};

const accountOf = (file: string): Account => {
  const name = basename(file).replace(/\.json$/i, "");
  const none = {
    name,
    file,
    type: "",
    email: "",
    plan: "",
    priority: 0,
    prioritySet: false,
    disabled: false,
  };
  let value: JsonObject | undefined;
  try {
    value = parseJsonObject(readFileSync(file, "utf8"));
  } catch (error) {
    return { ...none, problem: `it cannot be read (${systemCodeOf(error) ?? "unknown"})` };
  }
  if (value === undefined) return { ...none, problem: "it is no JSON object" };
  const type = text(value["type"]).toLowerCase();
  const given = wholeNumber(value["priority"]);
  const priority = given ?? 0;
  const attributes = value["attributes"];
  const oldPriority = isJsonObject(attributes) ? wholeNumber(attributes["priority"]) : undefined;
  return {
    ...none,
    type,
    email: text(value["email"]),
    plan: planInToken(value["id_token"]) || planInName(name),
    priority,
    prioritySet: given !== undefined && oldPriority === given,
    ...(oldPriority !== undefined && oldPriority !== priority && { oldPriority }),
    disabled: value["disabled"] === true,
    ...(type === "" && { problem: "it says no `type`" }),
  };
};

/**
 * The accounts of a folder, in the order in which CLIProxyAPI takes them; none where the folder is not there.
 * @throws SwitchyardError state.unusable
 */
export const readAccounts = (folder: string): Account[] => {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw new SwitchyardError("state.unusable", { detail: `${folder}: ${messageOf(error)}`, cause: error });
  }
  return names
    .filter((name) => /\.json$/i.test(name))
    .map((name) => accountOf(join(folder, name)))
    .toSorted(
      (a, b) => a.type.localeCompare(b.type) || b.priority - a.priority || (a.name < b.name ? -1 : 1),
    );
};

/** What an account's priority is to be by its name, else by its plan: Plus first, Pro when that is used up. Undefined: neither says it. */
export const rulePriority = ({ name, plan }: Account): number | undefined => {
  const found = planInName(name) || plan;
  if (found === "plus") return 100;
  return found === "pro" ? 0 : undefined;
};

/**
 * The account of that name: the file's, with or without `.json`, or a part of it that only one has.
 * @throws SwitchyardError usage.invalid with those that there are
 */
export const findAccount = (accounts: readonly Account[], name: string): Account => {
  const wanted = name.replace(/\.json$/i, "");
  // As of a variable of a shell that is not set: it is a part of every name.
  if (wanted === "") throw new SwitchyardError("usage.invalid", { detail: "the account's name is empty" });
  const exact = accounts.find((each) => each.name === wanted);
  if (exact !== undefined) return exact;
  const alike = accounts.filter((each) => each.name.includes(wanted));
  if (alike[0] !== undefined && alike.length === 1) return alike[0];
  const there = (alike.length > 1 ? alike : accounts).map((each) => each.name).join(", ");
  throw new SwitchyardError("usage.invalid", {
    detail:
      alike.length > 1 ? `more than one account is meant by '${name}'` : `there is no account '${name}'`,
    hint: there === "" ? "There is none yet: switchyard accounts login codex" : `There are: ${there}.`,
  });
};
