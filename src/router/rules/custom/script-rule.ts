/** The rule `custom:script`: what the user's script says about a request. */
import { type Config, type Target, targetName } from "../../../config/types.ts";
import { parseNamed } from "../named.ts";
import { no, type Facts, type Rule, type Verdict } from "../rule.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { RuleScriptConfig, RuleScriptRequest } from "./script-types.ts";
import { isUsable } from "./usable.ts";
import { lastUserText, systemText } from "./words.ts";

const requestOf = async (facts: Facts): Promise<RuleScriptRequest> => {
  const { request, headers, asker } = facts;
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  const agentId = headers["x-claude-code-agent-id"];
  const sessionId = headers["x-claude-code-session-id"];
  return {
    body: request,
    headers: Object.fromEntries(flat) as Record<string, string>,
    tokenCount: await facts.countTokens(Infinity),
    lastUser: lastUserText(request),
    system: systemText(request),
    subagent: agentId !== undefined,
    ...(typeof agentId === "string" && { agentId }),
    ...(typeof sessionId === "string" && { sessionId }),
    ...(asker.profile !== undefined && { profile: asker.profile }),
    ...(asker.clientKey !== undefined && { clientKey: asker.clientKey }),
  };
};

const configOf = ({ providers: all, routes, aliases }: Config): RuleScriptConfig => {
  const named = [...Object.values(routes).flatMap((route) => route?.use ?? []), ...aliases.values()];
  const providers = [...all.values()].flatMap(({ name, disabled }) => {
    const models = named.filter(({ provider }) => provider === name).map(({ model }) => model);
    return disabled === undefined ? [{ name, models: [...new Set(models)] }] : [];
  });
  const ofRoutes = Object.entries(routes).map(([name, route]) => [name, route.use.map(targetName)] as const);
  return {
    providers,
    routes: Object.fromEntries(ofRoutes),
    aliases: Object.fromEntries([...aliases].map(([name, target]) => [name, targetName(target)])),
    Providers: providers,
    Router: Object.fromEntries(ofRoutes.map(([name, [first = ""]]) => [name, first])),
  };
};

/** Made once for each configuration. */
const configs = new WeakMap<Config, RuleScriptConfig>();
const configFor = (config: Config): RuleScriptConfig => {
  const known = configs.get(config) ?? configOf(config);
  configs.set(config, known);
  return known;
};

/** @returns the target, or what is wrong with the name */
const targetOf = (name: string, config: Config): Target | string => {
  const alias = config.aliases.get(name.trim());
  if (alias !== undefined) return alias;
  const named = parseNamed(name.trim(), config);
  const shown = JSON.stringify(name.slice(0, 100));
  if (named.kind === "target") return named.target;
  if (named.kind === "unknown-provider") return `${shown}: there is no such provider`;
  return `${shown} is no target (provider,model) and no alias`;
};

export const scriptRule = (runner: ScriptRunner): Rule => ({
  name: "custom:script",
  async decide(facts): Promise<Verdict> {
    const reply = await runner.ask(await requestOf(facts), configFor(facts.config));
    if ("failed" in reply) return no(`the script did not decide: ${reply.failed}`);
    if (reply.targets.length === 0) return no("the script returned nothing");
    const found = reply.targets.map((name) => targetOf(name, facts.config));
    const targets = found.filter((each) => typeof each !== "string");
    const wrong = found.filter((each) => typeof each === "string");
    if (wrong.length > 0) runner.complain(`it returned ${wrong.join("; ")}`);
    if (targets.length === 0) return no(`the script returned ${wrong.join("; ")}`);
    if (!isUsable(targets, facts.config))
      return no(`the script returned ${targets.map(targetName).join(", ")}, of which no provider is enabled`);
    return { matched: true, reason: `the script returned ${targets.map(targetName).join(", ")}`, targets };
  },
});
