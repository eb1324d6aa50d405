/** The configuration that `switchyard init` writes: only what differs from config/default.yaml. Pure. */
import { mergeYaml } from "../../config/yaml-merge.ts";
import { splitTargetName } from "../../config/types.ts";
import type { Tracked } from "../../config/preset-list.ts";
import type { Offer } from "./offers.ts";

/** What the file begins with, whatever follows. */
export const heading = [
  "# yaml-language-server: $schema=./switchyard.schema.json",
  "# What it says goes over config/default.yaml; docs/configuration.md has every key. Keys stand elsewhere: switchyard secrets set NAME",
  "",
  "",
].join("\n");

const demo = "demo,echo";
const subscription = "anthropic,*";

const claude = "anthropic";

/** The provider's name in the draft. The default file's `anthropic` forwards the client's own login: it keeps that name where both are wanted. */
export const nameOf = ({ provider }: Pick<Offer, "provider">, login: boolean): string =>
  login && provider === claude ? "anthropic-api" : provider;

/** Part of a window above which a conversation goes to a model with a larger one: the answer, and what was counted too low, need room. */
const fullAt = 0.8;

const longContextOf = (offers: readonly Offer[]): unknown => {
  const [main, ...others] = offers;
  const widest = others.toSorted((a, b) => b.contextWindow - a.contextWindow)[0];
  if (main === undefined || widest === undefined || widest.contextWindow <= main.contextWindow) return null;
  return { use: [widest.sonnet, main.sonnet], threshold: Math.floor(main.contextWindow * fullAt) };
};

/**
 * @param offers with a key, the one that is asked first at the beginning
 * @param login Claude's subscription goes before them
 * @returns YAML. Without either it says nothing: the demo provider answers
 */
export const draftText = (
  offers: readonly Offer[],
  login: boolean,
  tracked: Pick<Tracked, "providers">,
): string => {
  if (offers.length === 0 && !login) return heading;
  const by = (pick: (offer: Offer) => string): string[] => [
    ...new Set([...(login ? [subscription] : []), ...offers.map(pick), demo]),
  ];
  const search = offers.flatMap(({ webSearch }) => webSearch ?? []);
  const named = (target: string): string => {
    const { provider, model } = splitTargetName(target);
    return `${nameOf({ provider }, login)},${model}`;
  };
  const providers = Object.fromEntries(
    offers.flatMap(({ provider, variable }): [string, unknown][] => {
      if (provider === claude)
        return [[nameOf({ provider }, login), { preset: provider, auth: "key", keys: [`\${${variable}}`] }]];
      return tracked.providers.includes(provider) ? [] : [[provider, { preset: provider }]];
    }),
  );
  const routes = {
    default: by(({ sonnet }) => named(sonnet)),
    background: by(({ haiku }) => named(haiku)),
    think: by(({ opus }) => named(opus)),
    longContext: login ? null : longContextOf(offers),
    webSearch: [...new Set([...(login ? [] : search), ...by(({ sonnet }) => named(sonnet))])],
  };
  return mergeYaml(heading, {
    ...(Object.keys(providers).length > 0 && { providers }),
    routes,
  }).text;
};
