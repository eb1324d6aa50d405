/**
 * Claude Code's own variables, as tools that switch it between providers keep them: one set of them is one profile here.
 * The names are those of code.claude.com/docs/en/settings and /en/model-config.
 */
import { effortLevels } from "../../config/types.ts";
import type { Draft } from "./draft.ts";
import type { ProfileDraft } from "./draft-types.ts";
import { endpointOf } from "../../config/endpoints.ts";
import type { Part } from "./report.ts";
import { keyNote, rowOf } from "./texts.ts";

/** The variable behind each of our fields. The first that is there counts. */
export interface Names {
  readonly baseUrl: readonly string[];
  /** Sent as `Authorization: Bearer`. */
  readonly token: readonly string[];
  /** Sent as `x-api-key`. */
  readonly apiKey: readonly string[];
  readonly model: readonly string[];
  readonly tiers: Readonly<Record<string, readonly string[]>>;
}

export const clientNames: Names = {
  baseUrl: ["ANTHROPIC_BASE_URL"],
  token: ["ANTHROPIC_AUTH_TOKEN"],
  apiKey: ["ANTHROPIC_API_KEY"],
  model: ["ANTHROPIC_MODEL"],
  tiers: {
    opus: ["ANTHROPIC_DEFAULT_OPUS_MODEL"],
    sonnet: ["ANTHROPIC_DEFAULT_SONNET_MODEL"],
    haiku: ["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"],
    fable: ["ANTHROPIC_DEFAULT_FABLE_MODEL"],
    subagent: ["CLAUDE_CODE_SUBAGENT_MODEL"],
  },
};

/** Fields of a profile that are numbers. */
const limits: Readonly<Record<string, "contextWindow" | "maxOutputTokens">> = {
  CLAUDE_CODE_MAX_CONTEXT_TOKENS: "contextWindow",
  CLAUDE_CODE_MAX_OUTPUT_TOKENS: "maxOutputTokens",
};

export interface ProfileSource {
  /** The variables, by name. */
  readonly env: Part;
  readonly name: string;
  readonly description: string;
  readonly names?: Names;
  /** Of a provider that the address does not tell. */
  readonly dialect?: "anthropic" | "openai-chat" | "openai-responses";
}

/** What was made of a set of variables. */
export interface MadeProfile {
  readonly name: string;
  /** Targets by tier, and under `default` what everything else goes to. */
  readonly targets: Readonly<Record<string, string>>;
}

/** Makes a profile and its provider of a set of variables, and says of each what became of it. */
export const profileOfEnv = (source: ProfileSource, draft: Draft): MadeProfile => {
  const { env, names = clientNames } = source;
  const find = (wanted: readonly string[]): Part | undefined =>
    wanted.map((name) => env.at(name)).find((part) => part?.text !== undefined);
  const provider = providerOf(source, names, find, draft);
  const targetOf = (model: string): string => `${provider},${model}`;
  const models: Record<string, string> = {};
  const model = find(names.model);
  const own = draft.profileName(source.name);
  const key = `profiles.${own}`;
  for (const [tier, wanted] of Object.entries(names.tiers)) {
    const part = find(wanted);
    if (part?.text === undefined) continue;
    models[tier] = targetOf(bareModel(part.text));
    tellModel(part, `${key}.models.${tier}`);
  }
  // `opus`, `sonnet` and `haiku` as the model are the client's own names of tiers.
  const tier = model?.text?.toLowerCase();
  const standard =
    model?.text === undefined
      ? (models["sonnet"] ?? models["opus"] ?? targetOf("*"))
      : tier !== undefined && models[tier] !== undefined
        ? models[tier]
        : targetOf(bareModel(model.text));
  if (model !== undefined) tellModel(model, `${key}.routes.default`);
  const profile: ProfileDraft = {
    description: source.description,
    models,
    routes: { default: standard },
  };
  for (const [name, part] of env.entries()) tellOther(name, part, { profile, provider, key, names });
  // Without them the tiers of `routes` would serve it.
  for (const each of ["opus", "sonnet", "haiku"]) models[each] ??= standard;
  draft.profiles.set(own, profile);
  return { name: own, targets: { ...models, default: standard } };
};

/** Without the client's mark of a large window. */
const bareModel = (text: string): string => text.replace(/\[1m\]$/i, "");

const tellModel = (part: Part, to: string): void => {
  if (/\[1m\]$/i.test(part.text ?? ""))
    part.changed(to, "[1m] is the client's mark for a large window; set the profile's contextWindow instead");
  else part.mapped(to);
};

const providerOf = (
  source: ProfileSource,
  names: Names,
  find: (wanted: readonly string[]) => Part | undefined,
  draft: Draft,
): string => {
  const base = find(names.baseUrl);
  const token = find(names.token);
  const apiKey = find(names.apiKey);
  const credential = token ?? apiKey;
  if (base?.text === undefined && credential === undefined) return "anthropic";
  const timeout = source.env.at("API_TIMEOUT_MS");
  const patience = timeout?.number;
  const endpoint = endpointOf(
    base?.text ?? "https://api.anthropic.com",
    source.dialect ?? "anthropic",
    draft.tracked.presets,
  );
  const isAnthropic = endpoint.dialect === "anthropic";
  const usual =
    endpoint.preset?.name === "anthropic"
      ? "x-api-key"
      : endpoint.preset === undefined
        ? "x-api-key"
        : "authorization";
  const header = token === undefined ? "x-api-key" : "authorization";
  const provider = draft.provider({
    name: base?.text === undefined ? source.name : undefined,
    baseUrl: base?.text ?? "https://api.anthropic.com",
    dialect: source.dialect ?? "anthropic",
    keys: credential?.text === undefined ? [] : [{ value: credential.text }],
    more: {
      ...(isAnthropic && credential !== undefined && header !== usual && { keyHeader: header }),
      ...(patience !== undefined &&
        patience > 0 && { timeouts: { total: `${Math.max(1, Math.round(patience / 1000))}s` } }),
    },
  });
  base?.mapped(`providers.${provider}.baseUrl`);
  credential?.mapped(`providers.${provider}.keys`, keyNote(credential.text));
  if (token !== undefined && apiKey !== undefined)
    apiKey.dropped("the client sends one credential; the token goes before");
  return provider;
};

const namesIn = ({ baseUrl, token, apiKey, model, tiers }: Names): readonly string[] => [
  ...baseUrl,
  ...token,
  ...apiKey,
  ...model,
  ...Object.values(tiers).flat(),
];

interface Around {
  readonly profile: ProfileDraft;
  readonly provider: string;
  readonly key: string;
  readonly names: Names;
}

const tellOther = (name: string, part: Part, { profile, provider, key, names }: Around): void => {
  if (part.isTold) return;
  const limit = rowOf(limits, name);
  if (limit !== undefined && part.number !== undefined && part.number > 0) {
    profile[limit] = part.number;
    part.mapped(`${key}.${limit}`);
  } else if (name === "CLAUDE_CODE_EFFORT_LEVEL" && effortLevels.some((level) => level === part.text)) {
    profile.effort = part.text ?? "";
    part.mapped(`${key}.effort`);
  } else if (name === "API_TIMEOUT_MS" && provider !== "anthropic" && (part.number ?? 0) > 0)
    part.mapped(`providers.${provider}.timeouts.total`);
  else if (namesIn(names).includes(name)) {
    if (part.text === undefined) part.dropped("it is empty");
    else if (name === "ANTHROPIC_SMALL_FAST_MODEL") part.dropped("ANTHROPIC_DEFAULT_HAIKU_MODEL goes before");
  } else part.dropped("a setting of the client itself: it stays in the client's own settings");
};
