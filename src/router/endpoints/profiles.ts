/** `GET /api/profiles`: the profiles, and which is the default. `PUT /api/profile`: chooses that for whatever is asked without `/p/`. */
import { usableProfile } from "../../config/known-profile.ts";
import { targetName, type ProfileConfig } from "../../config/types.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { defaultProfileOf } from "../profiles/asked.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { parseBody } from "./validate.ts";

/** A profile as it may be shown. */
export interface ProfileView {
  readonly name: string;
  readonly description: string;
  /** Where it is defined. */
  readonly file: string;
  /** Why none of its models can be asked; null: they can. */
  readonly disabled: string | null;
  /** Targets by tier, and of `subagent`. */
  readonly models: Readonly<Record<string, readonly string[]>>;
  /** Targets by route, as it is served. */
  readonly routes: Readonly<Record<string, readonly string[]>>;
  readonly contextWindow: number | null;
  readonly maxOutputTokens: number | null;
  readonly effort: string | null;
  /** Compatibility switches of the client that are on. */
  readonly client: readonly string[];
}

/** The answer of `GET /api/profiles`. */
export interface ProfilesAnswer {
  /** Null: the configuration's own routes. */
  readonly default: string | null;
  readonly profiles: readonly ProfileView[];
}

export const profileView = (profile: ProfileConfig): ProfileView => {
  const { name, description, file, contextWindow, maxOutputTokens, effort, client } = profile;
  return {
    name,
    description,
    file,
    disabled: profile.disabled ?? null,
    models: Object.fromEntries(
      Object.entries(profile.models).map(([model, use]) => [model, use.map(targetName)]),
    ),
    routes: Object.fromEntries(
      Object.entries(profile.routes).map(([route, { use }]) => [route, use.map(targetName)]),
    ),
    contextWindow: contextWindow ?? null,
    maxOutputTokens: maxOutputTokens ?? null,
    effort: effort ?? null,
    client,
  };
};

export const profiles = (context: RouterContext): Handler =>
  function handleProfiles(_request, reply) {
    const answer: ProfilesAnswer = {
      default: defaultProfileOf(context) ?? null,
      profiles: [...context.config.profiles.values()].map(profileView),
    };
    void reply.send(answer);
  };

/** @throws SwitchyardError request.malformed, profile.unknown, profile.disabled, state.unusable */
export const chooseProfile = (context: RouterContext): Handler =>
  function handleChooseProfile(request, reply) {
    const body = parseBody(rawBodyOf(request));
    const name = isJsonObject(body) ? body["name"] : undefined;
    if (name !== null && typeof name !== "string")
      throw new SwitchyardError("request.malformed", {
        detail: "expected {name}: a profile's name, or null for none",
        hint: "",
      });
    if (name !== null) usableProfile(name, context.config);
    const before = defaultProfileOf(context) ?? null;
    context.defaultProfile.set(name ?? undefined);
    if (before !== name)
      context.log.info({ code: "profile.chosen", profile: name, before }, "another profile is the default");
    void reply.send({ profile: name, before });
  };
