/** What the client is to be told of a target: address, token, and the files that say so. */
import { seededTargets } from "../../config/offered-targets.ts";
import { targetName } from "../../config/types.ts";
import type { Loaded } from "../configuration.ts";
import { type Target, targetText } from "../../stack/target.ts";
import type { StackConnections } from "../../engine/stack/connections.ts";
import type { ProbeRequest } from "../../engine/stack/probe.ts";
import { type StackConnection, stackClientFiles } from "../../fuse/stack-client.ts";
import { cliproxyapi } from "../../stack/services/cliproxyapi.ts";
import { litellm } from "../../stack/services/litellm.ts";
import { router } from "../../stack/services/router.ts";
import { stackService } from "../../stack/services/services.ts";
import { SwitchyardError } from "../../shared/errors.ts";

/** The address that a target has for the client. @throws SwitchyardError switch.refused for a service without one */
export const urlOf = (target: Target): string => {
  if (target.kind === "url") return target.url;
  const url = stackService(target.service)?.url ?? target.url;
  if (url === undefined)
    throw new SwitchyardError("switch.refused", { detail: `${target.service} has no address` });
  return url;
};

/** What services take that have a key of their own. */
const tokens = (stack: StackConnections): Readonly<Record<string, string | undefined>> => ({
  [litellm.name]: stack.litellmKey,
  [cliproxyapi.name]: stack.cliproxyapiKey,
});

/**
 * @param lookup value of a variable: the environment, then keys.env, then the checkout's `.env`
 * @throws SwitchyardError usage.invalid where the variable of the token is not set
 */
export const connectionOf = (
  target: Target,
  stack: StackConnections,
  lookup: (name: string) => string | undefined,
): StackConnection => {
  const baseUrl = urlOf(target);
  if (target.kind === "service") {
    if (target.service === router.name)
      return { baseUrl, token: stack.clientKey, passthrough: stack.passthrough };
    return { baseUrl, token: tokens(stack)[target.service] ?? stack.clientKey, passthrough: false };
  }
  if (target.tokenEnv === undefined) return { baseUrl, token: "", passthrough: true };
  const token = lookup(target.tokenEnv)?.trim();
  if (token === undefined || token === "") {
    throw new SwitchyardError("usage.invalid", {
      detail: `${target.tokenEnv}, which holds the token for ${target.url}, is not set`,
      hint: `export ${target.tokenEnv}=…, or: switchyard secrets set ${target.tokenEnv}. Or choose another target: switchyard switch router`,
    });
  }
  return { baseUrl, token, passthrough: false };
};

/** What a plan's `point` writes, and what its `probe` asks. */
export const clientOf = (
  { config, source: { lookup } }: Pick<Loaded, "config" | "source">,
  stack: StackConnections,
) => ({
  settingsOf: (target: Target): ReadonlyMap<string, string> =>
    stackClientFiles({
      target: targetText(target),
      connection: connectionOf(target, stack, lookup),
      proxy: stack.proxy,
      // The names of targets are the router's and our LiteLLM's: nobody else knows them.
      models:
        target.kind === "service" && (target.service === router.name || target.service === litellm.name)
          ? seededTargets(config).map(targetName)
          : [],
      ...(stack.ca !== undefined && { ca: stack.ca }),
    }),
  probeOf: (target: Target): ProbeRequest => {
    const { baseUrl, token, passthrough } = connectionOf(target, stack, lookup);
    return { baseUrl, token, header: passthrough ? "x-switchyard-key" : "authorization" };
  },
});
