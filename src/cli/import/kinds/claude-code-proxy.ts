/**
 * `.env` of the three projects that are called claude-code-proxy: a provider per tier (HAIKU_PROVIDER_BASE_URL …: its README and proxy.py of
 * 2025-10), fuergaosi233's (OPENAI_BASE_URL, BIG_MODEL, MIDDLE_MODEL, SMALL_MODEL: src/core/config.py of 2025-09) and 1rgs's
 * (PREFERRED_PROVIDER, BIG_MODEL, SMALL_MODEL: server.py of 2025-06).
 */
import type { Draft } from "../draft.ts";
import { headerValue } from "../secret-values.ts";
import type { Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { keyNote, rowOf } from "../texts.ts";

const tiers = ["opus", "sonnet", "haiku"] as const;
const anthropic = "https://api.anthropic.com";

export const claudeCodeProxy: Importer = {
  kind: "claude-code-proxy",
  title: "claude-code-proxy",
  where: ".env beside its proxy.py or server.py",
  keepsLogin: true,
  detect: (files) =>
    files.filter(
      ({ form, part }) =>
        form === "env" &&
        part
          .entries()
          .some(([name]) =>
            /^(?:(?:OPUS|SONNET|HAIKU)_PROVIDER_\w+|BIG_MODEL|SMALL_MODEL|PREFERRED_PROVIDER)$/.test(name),
          ),
    ),
  read: (files, draft) => {
    for (const { part } of files) {
      if (part.entries().some(([name]) => name.includes("_PROVIDER_"))) readTiers(part, draft);
      else readSizes(part, draft);
      readServer(part, draft);
    }
  },
};

const readTiers = (env: Part, draft: Draft): void => {
  // The model's name alone decides there: thinking, background and size do not.
  draft.tierFirst = true;
  for (const tier of tiers) {
    const [base, key, model] = ["_PROVIDER_BASE_URL", "_PROVIDER_API_KEY"]
      .map((name) => env.at(`${tier.toUpperCase()}${name}`))
      .concat(env.at(`ANTHROPIC_DEFAULT_${tier.toUpperCase()}_MODEL`));
    if (key?.text === undefined) {
      draft.routes[tier] = { use: ["anthropic,*"] };
      for (const part of [base, key])
        part?.changed(`routes.${tier}`, "it has no key: the client's own login is forwarded to Anthropic");
      model?.mapped(`routes.${tier}`, "the id that the client sends is kept");
      continue;
    }
    const provider = draft.provider({
      baseUrl: base?.text ?? anthropic,
      dialect: "anthropic",
      keys: [{ value: key.text }],
    });
    const target = `${provider},${model?.text ?? "*"}`;
    draft.routes[tier] = { use: [target] };
    base?.mapped(`providers.${provider}.baseUrl`);
    key.mapped(`providers.${provider}.keys`, keyNote(key.text));
    if (model?.text === undefined) continue;
    // The client is set up to send that name itself.
    draft.aliases[model.text] ??= target;
    model.mapped(`routes.${tier}`);
  }
  draft.routes.default = { use: ["anthropic,*"] };
};

/** Of 1rgs: where a provider of PREFERRED_PROVIDER lies, and the variable of its key. */
const preferred: Readonly<
  Record<string, { url: string; dialect: "openai-chat" | "gemini" | "anthropic"; key: string }>
> = {
  openai: { url: "https://api.openai.com/v1", dialect: "openai-chat", key: "OPENAI_API_KEY" },
  google: {
    url: "https://generativelanguage.googleapis.com/v1beta",
    dialect: "gemini",
    key: "GEMINI_API_KEY",
  },
  anthropic: { url: anthropic, dialect: "anthropic", key: "ANTHROPIC_API_KEY" },
};

const readSizes = (env: Part, draft: Draft): void => {
  draft.tierFirst = true;
  const choice = env.at("PREFERRED_PROVIDER");
  const chosen = rowOf(preferred, choice?.text ?? "openai") ?? preferred["openai"];
  if (chosen === undefined) return;
  const base = env.at("OPENAI_BASE_URL") ?? env.at("OPENAI_API_BASE");
  const key = env.at(chosen.key);
  const isOpenAi = chosen.key === "OPENAI_API_KEY";
  const provider = draft.provider({
    baseUrl: (isOpenAi ? base?.text : undefined) ?? chosen.url,
    dialect: chosen.dialect,
    keys: key?.text === undefined ? [] : [{ value: key.text }],
    ...customHeaders(env, draft),
  });
  if (chosen.dialect === "anthropic") choice?.mapped(`providers.${provider}`);
  else
    choice?.changed(
      `providers.${provider}`,
      "max_tokens is sent as the client asks for it; there it is 16384 at the most",
    );
  key?.mapped(`providers.${provider}.keys`, keyNote(key.text));
  if (isOpenAi) base?.mapped(`providers.${provider}.baseUrl`);
  else base?.dropped("PREFERRED_PROVIDER is another");
  readModels(env, chosen.dialect === "anthropic", provider, draft);
  // Who asks for a model of the provider by its own id gets that one (map_claude_model_to_openai; validate_model_field).
  if (isOpenAi) draft.modelRule("own-ids", ["gpt-*", "o1-*", "o3-*", "chatgpt-*"], [`${provider},*`]);
  const limits: readonly (readonly [string, string])[] = [["MAX_TOKENS_LIMIT", "maxTokensLimit"]];
  for (const [name, quirk] of limits) {
    const most = env.at(name);
    if (most?.number === undefined) continue;
    draft.forEveryProvider("quirks", { [quirk]: most.number });
    most.mapped(`providers.${provider}.quirks.${quirk}`);
  }
  const timeout = env.at("REQUEST_TIMEOUT");
  if (timeout?.number !== undefined && timeout.number > 0) {
    draft.forEveryProvider("timeouts", { total: `${timeout.number}s` });
    timeout.mapped(`providers.${provider}.timeouts.total`);
  }
};

const alsoOthers = "it serves opus and names that nothing serves as well, which are errors there";

const readModels = (env: Part, keepsIds: boolean, provider: string, draft: Draft): void => {
  const big = env.at("BIG_MODEL");
  const middle = env.at("MIDDLE_MODEL");
  const small = env.at("SMALL_MODEL");
  const of = (part: Part | undefined, otherwise: string): string =>
    `${provider},${keepsIds ? "*" : (part?.text ?? otherwise)}`;
  const large = of(big, "gpt-4o");
  // fuergaosi233: opus takes the big one, sonnet the middle one, which is the big one where it is not set.
  draft.routes.opus = { use: [large] };
  draft.routes.sonnet = { use: [middle?.text === undefined ? large : of(middle, "")] };
  draft.routes.haiku = { use: [of(small, "gpt-4o-mini")] };
  draft.routes.default = { use: [large] };
  const says = (part: Part | undefined, to: string, why = ""): void => {
    if (keepsIds) part?.dropped("with PREFERRED_PROVIDER=anthropic the ids of the client are kept");
    else part?.mapped(to, why);
  };
  says(big, "routes.opus, routes.default", env.at("PREFERRED_PROVIDER") === undefined ? "" : alsoOthers);
  says(middle, "routes.sonnet");
  says(small, "routes.haiku");
};

/** fuergaosi233: CUSTOM_HEADER_X_TEAM becomes `X-TEAM`. */
const customHeaders = (env: Part, draft: Draft): { more?: Record<string, unknown> } => {
  const headers: Record<string, string> = {};
  for (const [name, part] of env.entries()) {
    const header = /^CUSTOM_HEADER_(\w+)$/.exec(name)?.[1]?.replaceAll("_", "-").toLowerCase();
    if (header === undefined || part.text === undefined) continue;
    headers[header] = headerValue(draft, "openai", header, part.text);
    part.mapped("providers.*.headers");
  }
  return Object.keys(headers).length > 0 ? { more: { headers } } : {};
};

const levels: Readonly<Record<string, string>> = {
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  critical: "error",
};

const readServer = (env: Part, draft: Draft): void => {
  const server: Record<string, unknown> = {};
  const port = env.at("PORT") ?? env.at("PROXY_PORT");
  if (port?.number !== undefined) {
    server["port"] = port.number;
    port.mapped("server.port");
  }
  const isProxyOfSizes = env.at("BIG_MODEL") !== undefined || env.at("SMALL_MODEL") !== undefined;
  const client =
    isProxyOfSizes && env.at("PREFERRED_PROVIDER") === undefined ? env.at("ANTHROPIC_API_KEY") : undefined;
  // fuergaosi233: clients must send it.
  const key = client?.text === undefined ? undefined : draft.clientKey(client.text);
  if (key !== undefined) {
    server["clientKeys"] = [key];
    client?.mapped("server.clientKeys");
  }
  const host = env.at("HOST");
  if (host?.text !== undefined && key !== undefined) {
    server["host"] = host.text;
    host.mapped("server.host");
  } else host?.changed("server.host", "without a key of clients only this machine is served");
  if (Object.keys(server).length > 0) draft.sections["server"] = server;
  const level = env.at("LOG_LEVEL")?.text?.toLowerCase();
  const ours = rowOf(levels, level ?? "");
  if (ours !== undefined) {
    draft.sections["log"] = { level: ours };
    env.at("LOG_LEVEL")?.mapped("log.level");
  }
  for (const name of ["GEMINI_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"]) {
    const part = env.at(name);
    if (part?.text !== undefined && !usesKey(env, name))
      part.dropped("no provider of this configuration uses it");
  }
  env.at("MIN_TOKENS_LIMIT")?.dropped("no larger answer is asked for than the client wants");
  env.at("ANTHROPIC_BASE_URL")?.dropped("where the client is pointed to; `switchyard shell` does that");
};

const usesKey = (env: Part, name: string): boolean => {
  if (env.entries().some(([each]) => each.includes("_PROVIDER_"))) return false;
  const choice = env.at("PREFERRED_PROVIDER")?.text;
  return (
    (rowOf(preferred, choice ?? "openai") ?? preferred["openai"])?.key === name ||
    (choice === undefined && name === "ANTHROPIC_API_KEY")
  );
};
