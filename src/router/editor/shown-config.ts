/** The configuration in force as it may be shown: what is listed here, and nothing else, so that a new field with a secret in it is not shown by itself. */
import { targetName, type Config, type ProviderConfig, type Route } from "../../config/types.ts";

/** Without user and password. */
const shownUrl = (url: string): string => url.replace(/\/\/[^/@]*@/, "//");

const shownProvider = (provider: ProviderConfig): Record<string, unknown> => ({
  dialect: provider.dialect,
  baseUrl: shownUrl(provider.baseUrl),
  auth: provider.auth,
  keys: provider.keys.map(({ label, priority, weight, requestsPerMinute, tokensPerMinute, concurrent }) => ({
    label,
    priority,
    weight,
    requestsPerMinute,
    tokensPerMinute,
    concurrent,
  })),
  keyStrategy: provider.keyStrategy,
  affinity: provider.affinity,
  headers: Object.keys(provider.headers),
  timeouts: provider.timeouts,
  failures: { ...provider.failures, rules: provider.failures.rules.length },
  quirks: Object.keys(provider.quirks),
  disabled: provider.disabled ?? null,
});

const shownRoute = ({ use, ...rest }: Route): Record<string, unknown> => ({
  use: use.map(targetName),
  ...rest,
});

export const shownConfig = (config: Config): Record<string, unknown> => {
  const { clientKeys, ...server } = config.server;
  return {
    server: { ...server, clientKeys: clientKeys.length },
    log: config.log,
    providers: Object.fromEntries(
      [...config.providers].map(([name, provider]) => [name, shownProvider(provider)]),
    ),
    routes: Object.fromEntries(
      Object.entries(config.routes).map(([name, route]) => [name, shownRoute(route)]),
    ),
    tierFirst: config.tierFirst,
    rules: (config.custom?.rules ?? []).map(({ name, use }) => ({ name, use: use.map(targetName) })),
    rulesScript: config.custom?.script?.name ?? null,
    aliases: Object.fromEntries([...config.aliases].map(([name, target]) => [name, targetName(target)])),
    budgets: config.budgets.map(({ use, ...budget }) => ({ ...budget, use: use.map(targetName) })),
    admin: config.admin,
    search: config.search === undefined ? null : { provider: config.search.provider },
    notices: config.notices,
    files: config.files,
  };
};
