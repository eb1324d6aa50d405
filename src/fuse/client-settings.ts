/**
 * What the client finds at its start: its environment, its settings and its record of what was agreed to, so that no dialog
 * comes and everything goes to the router. Pure; observed with Claude Code 2.1.329.
 */
import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type JsonObject } from "../shared/json.ts";
import type { Environment } from "../shared/paths.ts";
import { viaPrefix } from "../shared/via-prefix.ts";
import { agentProfileHeader, profileHeader } from "../shared/profile-headers.ts";
import { modelOption } from "./model-list-copy.ts";
import { mergedOptions } from "./model-list.ts";
import { statusLineName } from "./status-line-copy.ts";

export interface ClientOptions {
  /** The router's address as the client reaches it, without a trailing slash. */
  readonly baseUrl: string;
  /** The router's own key for this client: never a provider's. */
  readonly key: string;
  /** Folder of the client's whole state (CLAUDE_CONFIG_DIR). */
  readonly configDir: string;
  /** The user's own login or key is forwarded to a provider: then the router's key goes in a header of its own. */
  readonly passthrough: boolean;
  /** True inside a container: the client may run as root there, and its "bypass permissions" mode needs no second warning. */
  readonly isolated: boolean;
  /** Numeric user id that the client will run under. */
  readonly uid?: number;
  /** The profile, or the target in place of one, that the client is on; undefined: the router's default. */
  readonly profile?: string;
  /** The same for its subagents, and for teammates in its own process. */
  readonly agentProfile?: string;
}

/** Variables that decide where the client's requests go, and with which credentials. */
const connection = (options: ClientOptions): Record<string, string> => {
  const { baseUrl, key, passthrough, profile, agentProfile } = options;
  const headers = [
    ...(passthrough ? [`x-switchyard-key: ${key}`] : []),
    ...(profile === undefined ? [] : [`${profileHeader}: ${profile}`]),
    ...(agentProfile === undefined ? [] : [`${agentProfileHeader}: ${agentProfile}`]),
  ];
  return {
    ANTHROPIC_BASE_URL: baseUrl,
    ...(!passthrough && { ANTHROPIC_AUTH_TOKEN: key }),
    ...(headers.length > 0 && { ANTHROPIC_CUSTOM_HEADERS: headers.join("\n") }),
  };
};

const quiet: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1",
  DISABLE_UPDATES: "1",
};

/**
 * The client's environment, to be laid over what it inherits (see `scrubEnvironment`). The names of models are left to the
 * client: `opus`, `sonnet`, `haiku` are what the rules go by.
 */
export const clientEnvironment = (options: ClientOptions): Record<string, string> => ({
  ...connection(options),
  ...quiet,
  CLAUDE_CONFIG_DIR: options.configDir,
  // As root the client refuses its "bypass permissions" mode unless it is told that it is inside a sandbox.
  ...(options.isolated && options.uid === 0 ? { IS_SANDBOX: "1" } : {}),
});

/** Variables by which a repository's settings could send the client elsewhere than to the router. */
const detours = [
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_VERTEX",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_USE_ANTHROPIC_AWS",
  "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
  "CLAUDE_CODE_USE_GATEWAY",
  "CLAUDE_CODE_USE_MANTLE",
  "ANTHROPIC_UNIX_SOCKET",
] as const;

/** Variables by which a repository's settings could name other models than those of the profile that a session is on. */
const otherModels = [
  "ANTHROPIC_MODEL",
  "ANTHROPIC_SMALL_FAST_MODEL",
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
  "ANTHROPIC_DEFAULT_FABLE_MODEL",
  "CLAUDE_CODE_SUBAGENT_MODEL",
] as const;

const proxyVariables = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
] as const;

/** `NO_PROXY` with the loopback names in it: the router is never asked by way of a proxy. */
const withLoopback = (noProxy: string | undefined): string =>
  [...new Set([...(noProxy ?? "").split(",").filter((part) => part !== ""), "127.0.0.1", "localhost"])].join(
    ",",
  );

/** What a repository could send the client elsewhere by. `inherited` gives the proxies that the user really has. */
const pinned = (to: Readonly<Record<string, string>>, inherited: Environment): JsonObject => {
  const noProxy = withLoopback(inherited["NO_PROXY"] ?? inherited["no_proxy"]);
  return {
    env: {
      ...to,
      ...quiet,
      ...Object.fromEntries(detours.map((name) => [name, ""])),
      ...Object.fromEntries(proxyVariables.map((name) => [name, inherited[name] ?? ""])),
      NO_PROXY: noProxy,
      no_proxy: noProxy,
    },
  };
};

/**
 * Contents of the `--settings` file (or of managed settings): they stand above a repository's `.claude/settings.json`, which
 * could otherwise redirect the client.
 * @param more variables of a profile
 */
export const pinnedSettings = (
  options: ClientOptions,
  inherited: Environment,
  more: Readonly<Record<string, string>> = {},
): JsonObject => {
  const unset = options.profile === undefined ? [] : otherModels;
  const models = Object.fromEntries(unset.map((name) => [name, ""]));
  return pinned({ ...models, ...more, ...connection(options) }, inherited);
};

/**
 * As `pinnedSettings`, for managed settings of a place in which sessions are on profiles of their own: nothing stands above these, so they hold the address,
 * and leave credentials and headers to the `--settings` of each session and shell.
 */
export const sharedSettings = ({ baseUrl }: ClientOptions, inherited: Environment): JsonObject =>
  pinned({ ANTHROPIC_BASE_URL: baseUrl }, inherited);

/** What goes into the client's own settings at its first start. */
export interface SeedOptions extends Pick<ClientOptions, "isolated"> {
  /** Its `statusLine`; undefined: none. */
  readonly statusLine?: JsonObject;
}

/** First contents of the user settings in CLAUDE_CONFIG_DIR. */
const initialSettings = (options: SeedOptions): JsonObject => ({
  // Auto mode has the API judge each command while it answers. Behind the router the model does that, which the user must want; behind others nobody does.
  disableAutoMode: "disable",
  // The client would first ask a host of its vendor whether a page may be fetched.
  skipWebFetchPreflight: true,
  // Otherwise an interactive start writes ~/.local/share/applications/claude-code-url-handler.desktop.
  disableDeepLinkRegistration: "disable",
  ...(options.isolated ? { skipDangerousModePermissionPrompt: true } : {}),
});

/** Whether a status line is the one that we seed, whatever path it had then. */
const isOwnStatusLine = (value: unknown): value is JsonObject =>
  isJsonObject(value) && String(value["command"]).includes(statusLineName);

const parseObject = (text: string | undefined): JsonObject | undefined => {
  if (text === undefined || text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const render = (value: JsonObject): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * The new text of `settings.json`, or undefined where nothing needs to be written: what the user changed since stays, and a
 * file that cannot be understood is left to the client, which says so itself.
 */
export const seedSettings = (current: string | undefined, options: SeedOptions): string | undefined => {
  const settings = parseObject(current);
  if (settings === undefined) return undefined;
  const seeded: JsonObject = { ...initialSettings(options), ...settings };
  const { statusLine } = options;
  const own = settings["statusLine"];
  if (current?.trim()) {
    // It knows no other value than `disable`: who allowed auto mode took the line out of the file.
    if (!("disableAutoMode" in settings)) delete seeded["disableAutoMode"];
    // Another one is the user's own, and so is none; ours may have moved with the checkout.
    if (statusLine !== undefined && isOwnStatusLine(own))
      seeded["statusLine"] = { ...own, command: statusLine["command"] };
  } else if (statusLine !== undefined) seeded["statusLine"] = statusLine;
  return isDeepStrictEqual(seeded, settings) ? undefined : render(seeded);
};

/**
 * The new text of `.claude.json` (first-start dialogs answered, the workspace trusted, targets in the list of `/model`), or undefined; as `seedSettings`.
 * @param models targets, `provider,model`; undefined: the list stays as it is. The client asks for no list itself while it is kept quiet.
 */
export const seedClientRecord = (
  current: string | undefined,
  workspace: string,
  models?: readonly string[],
): string | undefined => {
  const record = parseObject(current);
  if (record === undefined) return undefined;
  const projects = isJsonObject(record["projects"]) ? record["projects"] : {};
  const project = isJsonObject(projects[workspace]) ? projects[workspace] : {};
  const former = record["additionalModelOptionsCache"];
  const options = models === undefined ? former : mergedOptions(former, viaPrefix, models.map(modelOption));
  const isListed = isDeepStrictEqual(options ?? [], former ?? []);
  if (isListed && record["hasCompletedOnboarding"] === true && project["hasTrustDialogAccepted"] === true)
    return undefined;
  return render({
    ...record,
    ...(!isListed && { additionalModelOptionsCache: options }),
    hasCompletedOnboarding: true,
    projects: { ...projects, [workspace]: { ...project, hasTrustDialogAccepted: true } },
  });
};

/** Names of variables that carry, or lead to, credentials and addresses of providers, or a setting of another client session. */
const scrubbed = [
  /_API_?KEYS?$/i,
  /_AUTH_TOKEN$/i,
  /^(ANTHROPIC|OPENAI|OPENROUTER|GEMINI|DEEPSEEK|MOONSHOT|KIMI|DASHSCOPE|GROQ|XAI|MISTRAL|MINIMAX|SILICONFLOW|VOLCENGINE|ARK|ZAI|ZHIPUAI|BIGMODEL|LITELLM)_/i,
  /^GOOGLE_(API|GENAI|GENERATIVE)/i,
  /^AWS_BEARER_TOKEN_BEDROCK$/,
  /^CLAUDE(CODE)?(_|$)/,
  /^SWITCHYARD_(CLIENT|SESSION)_KEY$/,
] as const;

/** True for a name that the client's shell must not inherit. The user's own login is kept where it is to be forwarded. */
export const isScrubbedName = (name: string, passthrough: boolean): boolean =>
  !(passthrough && name === "CLAUDE_CODE_OAUTH_TOKEN") && scrubbed.some((pattern) => pattern.test(name));

/**
 * The environment without what the client must not see: names that tell of credentials, and any variable, whatever its name,
 * that holds one of `secrets`. `removed` names what was taken out.
 */
export const scrubEnvironment = (
  env: Environment,
  secrets: readonly string[],
  passthrough: boolean,
): { env: Record<string, string>; removed: string[] } => {
  // A short value such as "1" or "local" is no secret worth the loss of an unrelated variable.
  const values = secrets.filter((secret) => secret.length >= 8);
  const kept: Record<string, string> = {};
  const removed: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (isScrubbedName(name, passthrough) || values.some((secret) => value.includes(secret)))
      removed.push(name);
    else kept[name] = value;
  }
  return { env: kept, removed };
};
