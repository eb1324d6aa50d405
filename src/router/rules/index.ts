/** The rules in their order. The first that matches decides. */
import type { IncomingHttpHeaders } from "node:http";
import type { Config, RouteChoice, Target } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { WhyStep } from "../ledger/record.ts";
import { countRequestTokens } from "../tokens/count.ts";
import { background } from "./background.ts";
import { explicit } from "./explicit.ts";
import type { ScriptRunner } from "./custom/script-runner.ts";
import { image } from "./image.ts";
import { longContext } from "./long-context.ts";
import { no, type Asker, type Facts, type Rule } from "./rule.ts";
import { subagent, withoutTags } from "./subagent.ts";
import { usable } from "./targets.ts";
import { think } from "./think.ts";
import { tierRules } from "./tier.ts";
import { webSearch } from "./web-search.ts";

const whenNoOther: Rule = {
  name: "default",
  decide: () => ({ matched: true, reason: "no other rule matched", route: "default" }),
};

const usualOrder: readonly Rule[] = [
  explicit,
  longContext,
  subagent,
  background,
  webSearch,
  image,
  think,
  ...tierRules,
  whenNoOther,
];

/**
 * `routes.tierFirst`: the tier is asked before background and think. What a request needs (a search, eyes) still goes first: the
 * tier's target may have neither.
 */
const tierFirstOrder: readonly Rule[] = [
  explicit,
  longContext,
  subagent,
  webSearch,
  image,
  ...tierRules,
  background,
  think,
  whenNoOther,
];

/** The built-in rules that a configuration asks, in order. */
export const rulesOf = (config: Config): readonly Rule[] => (config.tierFirst ? tierFirstOrder : usualOrder);

export interface Decision {
  /** Name of the rule that matched. */
  readonly rule: string;
  /** What is to be tried, in order; never empty, nothing of it switched off. */
  readonly targets: readonly Target[];
  /** What the rule led to, with what is switched off. */
  readonly wanted: readonly Target[];
  /** In which order they are to be tried. */
  readonly choose: RouteChoice;
  /** Counted input tokens, where they were counted; above the threshold of longContext at least so many (with `explain` all). */
  readonly tokens: number | undefined;
  /** What each rule said that was asked. */
  readonly why: readonly WhyStep[];
  /** The request to send: the same object where nothing had to be taken out. */
  readonly request: MessagesRequest;
}

/** The suffix by which the client asks for a window of a million tokens; it is no part of an id. */
export const withoutWindowSuffix = (model: string): string => model.replace(/\[1m\]$/i, "");

export interface RouteOptions {
  /** Size of the request's body. */
  readonly rawBytes: number;
  /** Asks every rule, also those after the match. */
  readonly explain?: boolean;
  /** Default: nobody, now. */
  readonly asker?: Asker;
  /** The script of the configuration, where it has one. */
  readonly script?: ScriptRunner | undefined;
  /** Told of custom rules that cannot be asked as they are, once a minute each at most. */
  readonly warn?: (text: string) => void;
}

/**
 * Counts once for all rules. A count that stopped early answers a question up to where it stopped; above it is counted anew, which is quick: the
 * counter remembers texts.
 */
const counterOf = (
  request: MessagesRequest,
): { count: Facts["countTokens"]; last: () => Promise<number> | undefined } => {
  let enough = -Infinity;
  let counted: Promise<number> | undefined;
  return {
    count: async (wanted) => {
      if (counted !== undefined && (wanted <= enough || (await counted) <= enough)) return counted;
      enough = wanted;
      return (counted = countRequestTokens(request, wanted));
    },
    last: () => counted,
  };
};

const nothing = (): void => undefined;

/** Those of the configuration's own stand before all others. */
const allRules = async (config: Config, { script, warn }: RouteOptions): Promise<readonly Rule[]> => {
  if (config.custom === undefined) return rulesOf(config);
  const { customRules } = await import("./custom/index.ts");
  return [...customRules(config, script, warn ?? nothing), ...rulesOf(config)];
};

/**
 * Decides a request.
 * @throws SwitchyardError route.noTarget, route.unknownProvider
 */
export const route = async (
  asked: MessagesRequest,
  headers: IncomingHttpHeaders,
  config: Config,
  options: RouteOptions,
): Promise<Decision> => {
  const model = withoutWindowSuffix(asked.model);
  const request = model === asked.model ? asked : { ...asked, model };
  const { rawBytes, explain = false, asker = { now: Date.now() } } = options;
  const counter = counterOf(request);
  const facts: Facts = {
    request,
    model,
    headers,
    config,
    rawBytes,
    asker,
    explain,
    countTokens: (enough) => counter.count(explain ? Infinity : enough),
  };

  const why: WhyStep[] = [];
  let decided: Omit<Decision, "tokens" | "why"> | undefined;
  for (const rule of await allRules(config, options)) {
    const verdict =
      rule === whenNoOther && decided !== undefined ? no("another rule matched") : await rule.decide(facts);
    why.push({ rule: rule.name, matched: verdict.matched, reason: verdict.reason });
    if (!verdict.matched || decided !== undefined) continue;
    const route = config.routes[verdict.route ?? "default"]!;
    const targets = verdict.targets ?? route.use;
    decided = {
      rule: rule.name,
      targets: usable(targets, config, rule.name),
      wanted: targets,
      // Targets that were named are wanted in the order in which they were.
      choose: verdict.targets === undefined ? route.choose : "order",
      // The tag is the router's, whichever rule decided: a provider never sees it.
      request: withoutTags(request, config),
    };
    if (!explain) break;
  }
  // `default` always matches.
  return { ...decided!, tokens: await counter.last(), why };
};
