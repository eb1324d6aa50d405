/** `GET /api/providers`: what is configured and how it stands. `POST /api/providers/{name}`: switches one off, or on again. */
import { targetName, type ProviderConfig } from "../../config/types.ts";
import { usedTargets } from "../../config/used-targets.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { listSwitchedOff, switchProvider } from "../switches/commands.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { parseBody } from "./validate.ts";

/** A provider as it may be shown: of its keys the names alone. */
export interface ProviderView {
  readonly name: string;
  readonly dialect: string;
  /** No secret is in it: the configuration refuses one with a password or a query. Empty where there is none. */
  readonly baseUrl: string;
  readonly auth: ProviderConfig["auth"];
  /** Labels: as configured, or the last four characters. */
  readonly keys: readonly string[];
  /** Why the configuration does not use it; null: it does. */
  readonly disabled: string | null;
  /** Since when it is switched off, as 2026-11-21T10:00:00.000Z; null: it is on. */
  readonly switchedOff: string | null;
  /** Targets that name it: of routes, aliases, rules, profiles and budgets. */
  readonly targets: readonly string[];
  /** By target, the places that it stands in: `routes.default`, `profiles.glm.models.sonnet`. */
  readonly usedBy: Readonly<Record<string, readonly string[]>>;
}

export const providers = (context: RouterContext): Handler =>
  async function handleProviders(request, reply) {
    const { config, state } = context;
    const off = new Map(await state.call(listSwitchedOff, {}));
    const used = usedTargets(config);
    const answer: readonly ProviderView[] = [...config.providers.values()].map((provider) => {
      const since = off.get(provider.name);
      const own = used.filter(({ target }) => target.provider === provider.name);
      return {
        name: provider.name,
        dialect: provider.dialect,
        baseUrl: provider.baseUrl,
        auth: provider.auth,
        keys: provider.keys.map(({ label }) => label),
        disabled: provider.disabled ?? null,
        switchedOff: since === undefined ? null : new Date(since).toISOString(),
        targets: own.map(({ target }) => targetName(target)),
        usedBy: Object.fromEntries(own.map(({ target, where }) => [targetName(target), where])),
      };
    });
    return reply.send({ providers: answer });
  };

const prefix = "/api/providers/";

/** @throws SwitchyardError route.unknownProvider, request.malformed */
export const switchOne = (context: RouterContext): Handler =>
  async function handleSwitch(request, reply) {
    const name = decodedName(request.url.split("?", 1)[0]!.slice(prefix.length));
    if (!context.config.providers.has(name))
      throw new SwitchyardError("route.unknownProvider", {
        detail: name,
        hint: `Name one of these: ${[...context.config.providers.keys()].join(", ")}.`,
      });
    const body = parseBody(rawBodyOf(request));
    const enabled = isJsonObject(body) ? body["enabled"] : undefined;
    if (typeof enabled !== "boolean")
      throw new SwitchyardError("request.malformed", {
        detail: "expected {enabled: true} or {enabled: false}",
        hint: "",
      });
    const { changed } = await context.state.call(switchProvider, { provider: name, on: enabled });
    if (changed)
      context.log.info(
        { code: "provider.switched", provider: name, enabled },
        enabled ? "a provider was switched on" : "a provider was switched off: no turn is sent to it",
      );
    return reply.send({ name, enabled, changed });
  };

const decodedName = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
