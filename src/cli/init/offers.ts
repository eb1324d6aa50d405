/** What `switchyard init` can set up by itself: a tracked profile for each provider, with its models and the variable of its key. */
import { loadConfig } from "../../config/load.ts";
import { readTracked, type Tracked } from "../../config/preset-list.ts";
import { type ProfileConfig, type Target, targetName } from "../../config/types.ts";

export interface Offer {
  /** Name of the profile: `glm`. */
  readonly profile: string;
  /** `GLM by Z.ai` */
  readonly title: string;
  /** Its provider, and the preset of that name. */
  readonly provider: string;
  /** The variable of its key. */
  readonly variable: string;
  /** Targets, as the configuration writes them. */
  readonly opus: string;
  readonly sonnet: string;
  readonly haiku: string;
  /** Of a provider with a search of its own that its profile names. */
  readonly webSearch: string | undefined;
  /** Tokens. */
  readonly contextWindow: number;
}

/** Of a profile that says none: what Anthropic's models have. */
const usualWindow = 200_000;

const first = (targets: readonly Target[] | undefined): string | undefined =>
  targets?.[0] && targetName(targets[0]);

const offerOf = (profile: ProfileConfig, { presets }: Tracked): Offer[] => {
  const { sonnet: models } = profile.models;
  const provider = models?.[0]?.provider;
  const sonnet = first(models);
  const variable = presets.find(({ name }) => name === provider)?.variable;
  // Its key is the stack's own, made and not asked for.
  if (provider === undefined || sonnet === undefined || variable === undefined || provider === "cliproxyapi")
    return [];
  const search = profile.routes.webSearch?.use[0];
  return [
    {
      profile: profile.name,
      title: profile.name === "anthropic" ? "Claude, with a key of Anthropic's API" : profile.description,
      provider,
      variable,
      opus: first(profile.models.opus) ?? sonnet,
      sonnet,
      haiku: first(profile.models.haiku) ?? sonnet,
      webSearch: search?.provider === provider ? targetName(search) : undefined,
      contextWindow: profile.contextWindow ?? usualWindow,
    },
  ];
};

/** Those that config/default.yaml has first, then by name. */
export const readOffers = (): { offers: Offer[]; tracked: Tracked } => {
  const tracked = readTracked();
  // Every variable is set here, so that none of the profiles is left out.
  const env = Object.fromEntries(
    tracked.presets.flatMap(({ variable }) => (variable === undefined ? [] : [[variable, "set"]])),
  );
  const { profiles } = loadConfig({ env, keyFiles: false, fileText: "" });
  const place = ({ provider }: Offer): number => {
    const at = tracked.providers.indexOf(provider);
    return at < 0 || provider === "anthropic" ? tracked.providers.length : at;
  };
  const offers = [...profiles.values()]
    .flatMap((profile) => offerOf(profile, tracked))
    .toSorted((a, b) => place(a) - place(b) || (a.title < b.title ? -1 : 1));
  return { offers, tracked };
};
