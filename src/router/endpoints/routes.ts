/** `GET /api/routes`: the routing table as it is in force: the rules in the order in which they are asked, with the targets of each. */
import { targetName, type RouteName, type Target } from "../../config/types.ts";
import { askedByAdmin } from "../profiles/asked.ts";
import { rulesOf } from "../rules/index.ts";
import { listSwitchedOff } from "../switches/commands.ts";
import type { Handler, RouterContext } from "./context.ts";

export interface RouteTarget {
  readonly target: string;
  /** Why it cannot be tried, or null. */
  readonly unusable: string | null;
}

export interface RouteView {
  readonly rule: string;
  /** Empty: the rule has no route of its own (explicit), or it is not set, and then never matches. */
  readonly targets: readonly RouteTarget[];
  readonly choose?: string;
  /** Input tokens above which longContext matches. */
  readonly threshold?: number;
  /** The effort from which think matches. */
  readonly minEffort?: string;
}

export interface RoutesAnswer {
  /** Asked before all others, in this order. */
  readonly custom: readonly { readonly rule: string; readonly targets: readonly RouteTarget[] }[];
  /** Whether a script of the user's is asked after them. */
  readonly script: boolean;
  readonly rules: readonly RouteView[];
  /** Name -> target. */
  readonly aliases: Readonly<Record<string, string>>;
}

export const routes = (context: RouterContext): Handler =>
  async function handleRoutes(request, reply) {
    const { state } = context;
    const { config } = askedByAdmin(request, context);
    const off = new Set((await state.call(listSwitchedOff, {})).map(([name]) => name));
    const view = (target: Target): RouteTarget => ({
      target: targetName(target),
      unusable:
        config.providers.get(target.provider)?.disabled ??
        (off.has(target.provider) ? "switched off here" : null),
    });
    const answer: RoutesAnswer = {
      custom: (config.custom?.rules ?? []).map(({ name, use }) => ({ rule: name, targets: use.map(view) })),
      script: config.custom?.script !== undefined,
      rules: rulesOf(config).map(({ name }) => {
        const route = config.routes[name as RouteName];
        if (route === undefined) return { rule: name, targets: [] };
        const { use, choose, threshold, minEffort } = route;
        return {
          rule: name,
          targets: use.map(view),
          choose,
          ...(threshold !== undefined && { threshold }),
          ...(minEffort !== undefined && { minEffort }),
        };
      }),
      aliases: Object.fromEntries([...config.aliases].map(([name, target]) => [name, targetName(target)])),
    };
    return reply.send(answer);
  };
