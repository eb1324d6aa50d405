/** The conditions of custom rules, each with the reason why it does not hold. Cheap ones first: the first that does not hold ends a rule. */
import type { Pattern, RuleConditions } from "../../../config/types.ts";
import { isOn } from "../../keys/schedule.ts";
import { mostTokens } from "../../tokens/media.ts";
import type { Facts } from "../rule.ts";
import { thinkingOnPurpose } from "../think.ts";
import type { Matcher } from "./match.ts";
import { lastUserText, showsImages, systemText, toolNames } from "./words.ts";

export interface Surroundings {
  /** Makes each pattern once. */
  readonly matcher: (pattern: Pattern) => Matcher;
}

/** Why a condition does not hold, or undefined where it does. */
type Judgement = string | undefined;
type Judge<Name extends keyof RuleConditions> = (
  wanted: NonNullable<RuleConditions[Name]>,
  facts: Facts,
  around: Surroundings,
) => Judgement | Promise<Judgement>;

/** `gpt-*`, or `one of gpt-*, o3`. */
const listed = (names: readonly { readonly shown: string }[]): string => {
  const all = names.map(({ shown }) => shown).join(", ");
  return names.length === 1 ? all : `one of ${all}`;
};

/** Whether one of the texts fits one of the patterns. @param not what is said where none does, before the patterns */
const anyFits = (
  patterns: readonly Pattern[],
  texts: readonly string[],
  facts: Facts,
  { matcher }: Surroundings,
  not: string,
): Judgement => {
  let slow: Pattern | undefined;
  for (const pattern of patterns) {
    const fits = matcher(pattern);
    for (const text of texts) {
      const match = fits(text, facts.asker.now);
      if (match === true) return undefined;
      if (match === "slow") slow = pattern;
    }
  }
  if (slow !== undefined) return `${slow.shown} takes too long and is left out for a minute`;
  return `${not} ${listed(patterns)}`;
};

const yesOrNo = (wanted: boolean, is: boolean, yes: string, no: string): Judgement =>
  wanted === is ? undefined : is ? yes : no;

/** A header as one text; undefined where it is not there. */
const headerOf = (facts: Facts, name: string): string | undefined => {
  const value = facts.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
};

const named =
  (what: string, of: (facts: Facts) => string | undefined) =>
  (wanted: readonly Pattern[], facts: Facts, around: Surroundings): Judgement => {
    const name = of(facts);
    if (name === undefined) return `there is no ${what}`;
    return anyFits(wanted, [name], facts, around, `the ${what} is not`);
  };

const judges: { readonly [Name in keyof Required<RuleConditions>]: Judge<Name> } = {
  model: named("model", ({ model }) => model),
  subagent: (wanted, facts) =>
    yesOrNo(
      wanted,
      facts.headers["x-claude-code-agent-id"] !== undefined,
      "a subagent asks",
      "no subagent asks",
    ),
  agent: named("id of an agent", (facts) => headerOf(facts, "x-claude-code-agent-id")),
  session: named("id of a session", (facts) => headerOf(facts, "x-claude-code-session-id")),
  profile: named("profile", ({ asker }) => asker.profile),
  clientKey: (wanted, { asker }) => {
    const { clientKeyId: id } = asker;
    if (id === undefined) return "no client key was sent";
    return wanted.some(({ ids }) => ids.includes(id)) ? undefined : `the client key is not ${listed(wanted)}`;
  },
  thinking: (wanted, facts) => {
    const { is, reason } = thinkingOnPurpose(facts);
    return wanted === is ? undefined : reason;
  },
  hours: (wanted, { asker }) =>
    isOn({ schedule: wanted, startsAt: undefined }, asker.now)
      ? undefined
      : `it is not the time, by the clock of ${wanted.timezone}`,
  header: (wanted, facts, around) => {
    for (const [name, value] of Object.entries(wanted)) {
      const given = headerOf(facts, name);
      const judgement =
        typeof value === "boolean"
          ? yesOrNo(value, given !== undefined, `the header ${name} is there`, `there is no header ${name}`)
          : named(`header ${name}`, () => given)(value, facts, around);
      if (judgement !== undefined) return judgement;
    }
    return undefined;
  },
  tools: (wanted, facts, around) => {
    const names = toolNames(facts.request);
    if (typeof wanted === "boolean")
      return yesOrNo(wanted, names.length > 0, "the request offers tools", "the request offers no tools");
    return anyFits(wanted, names, facts, around, "no tool is called");
  },
  images: (wanted, { request }) =>
    yesOrNo(wanted, showsImages(request), "there is an image", "there is no image"),
  lastUser: (wanted, facts, around) =>
    anyFits(wanted, [lastUserText(facts.request)], facts, around, "the user did not say"),
  system: (wanted, facts, around) =>
    anyFits(wanted, [systemText(facts.request)], facts, around, "the system prompt does not say"),
  tokens: async ({ over, under }, facts) => {
    const bound = Math.max(over ?? 0, under ?? 0);
    const most = mostTokens(facts.request, facts.rawBytes);
    // Nothing is counted where the size of the body already answers.
    if (over !== undefined && most <= over)
      return `a body of ${facts.rawBytes} bytes cannot exceed ${over} tokens`;
    if (over === undefined && under !== undefined && most < under) return undefined;
    const tokens = await facts.countTokens(bound);
    if (over !== undefined && tokens <= over) return `${tokens} tokens are not more than ${over}`;
    if (under !== undefined && tokens >= under) return `${tokens} tokens are not fewer than ${under}`;
    return undefined;
  },
};

/**
 * Why a rule's conditions do not hold; empty where they do.
 * @param every also those behind the first that does not hold are judged
 */
export const judge = async (
  when: RuleConditions,
  facts: Facts,
  around: Surroundings,
  every: boolean,
): Promise<string[]> => {
  const failed: string[] = [];
  for (const name of Object.keys(judges) as (keyof RuleConditions)[]) {
    const wanted = when[name];
    if (wanted === undefined) continue;
    const judgement = await (judges[name] as Judge<typeof name>)(wanted, facts, around);
    if (judgement === undefined) continue;
    failed.push(judgement);
    if (!every) break;
  }
  return failed;
};
