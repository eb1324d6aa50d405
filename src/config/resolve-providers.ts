/** The providers of a checked configuration: URLs read, keys counted, ways of authentication settled. */
import { didYouMean, type Path, type Problems, showPath } from "./problems.ts";
import { resolveFailures } from "./resolve-failures.ts";
import { readAccess } from "./resolve-keys.ts";
import { readProxy } from "./resolve-proxy.ts";
import type { RawProvider } from "./schema.ts";
import { keyPositionAt, type MapTree, positionAt, treeAt } from "./tree.ts";
import type { ProviderConfig, Quirks, Timeouts } from "./types.ts";
import { milliseconds } from "./units.ts";
import { type Filled, quoted } from "./validate.ts";

/**
 * Reasoning models may think for minutes before the first byte; a connection that does not stand in 10 s never will; and no answer is worth waiting for
 * after an hour.
 */
const defaultTimeouts: Timeouts = { connect: 10_000, firstByte: 300_000, idle: 300_000, total: 3_600_000 };

const nameForm = /^[A-Za-z0-9][\w.-]*$/;

export interface ProviderSurroundings {
  /** Merged, presets under their providers. */
  readonly tree: MapTree;
  readonly filled: Filled;
  readonly presets: readonly string[];
  readonly problems: Problems;
  /** Takes what the user should know though nothing is wrong. */
  readonly notices: string[];
}

/** The providers by name, in the order of the file. What is wrong with one is told, and it is left out. */
export const resolveProviders = (
  raw: Readonly<Record<string, RawProvider>>,
  given: Omit<ProviderSurroundings, "notices">,
): { providers: Map<string, ProviderConfig>; notices: readonly string[] } => {
  const around: ProviderSurroundings = { ...given, notices: [] };
  const out = new Map<string, ProviderConfig>();
  const seen = new Map<string, string>();
  for (const [name, provider] of Object.entries(raw)) {
    const path = ["providers", name];
    const tell = (text: string): void => around.problems.add(keyPositionAt(around.tree, path), path, text);
    if (!nameForm.test(name))
      tell(
        "a provider's name is made of letters, digits, `.`, `-` and `_`, and begins with a letter or digit.",
      );
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      const at = keyPositionAt(around.tree, ["providers", other]);
      tell(
        `the name differs only in letter case from "${other}" (${at.file}:${at.line}); write it the same, or choose another name.`,
      );
    }
    seen.set(name.toLowerCase(), name);
    const resolved = resolveProvider(name, provider, around);
    if (resolved) out.set(name, resolved);
  }
  return { providers: out, notices: around.notices };
};

const resolveProvider = (
  name: string,
  raw: RawProvider,
  around: ProviderSurroundings,
): ProviderConfig | undefined => {
  const { tree, problems, presets } = around;
  const path = ["providers", name];
  const before = problems.count;
  if (raw.preset !== undefined && !presets.includes(raw.preset)) {
    const at = [...path, "preset"];
    const filled = around.filled.filled.has(showPath(at));
    const shown = filled ? "of that name" : quoted(raw.preset);
    const known = `Known: ${presets.join(", ")}.`;
    problems.add(
      positionAt(tree, at),
      at,
      `there is no preset ${shown}.${filled ? "" : didYouMean(raw.preset, presets)} ${known}`,
    );
    return undefined;
  }
  if (raw.dialect === undefined) {
    // A wrong one was told already.
    if (treeAt(tree, [...path, "dialect"]) === undefined && treeAt(tree, [...path, "preset"]) === undefined) {
      problems.add(
        keyPositionAt(tree, path),
        path,
        "found neither `preset` nor `dialect`, expected one of them.",
      );
    }
    if (raw.baseUrl !== undefined) readBaseUrl(raw, path, around);
    return undefined;
  }
  const common = {
    name,
    dialect: raw.dialect,
    keyHeader: raw.keyHeader ?? usualKeyHeaders[raw.dialect] ?? "authorization",
    headers: raw.headers ?? {},
    quirks: (raw.quirks ?? {}) as Quirks,
    timeouts: resolveTimeouts(raw),
    failures: resolveFailures(raw.failures, path, around),
    keyStrategy: raw.keyStrategy ?? "fill-first",
    affinity: raw.affinity ?? true,
    proxy: readProxy(raw.proxy, [...path, "proxy"], around),
  } as const;
  if (raw.dialect === "demo") return { ...common, baseUrl: "", keys: [], auth: "none", disabled: undefined };
  const baseUrl = readBaseUrl(raw, path, around);
  const access = readAccess(name, raw, around);
  return problems.count > before || baseUrl === undefined || !access
    ? undefined
    : { ...common, baseUrl, ...access };
};

/** Of dialects whose providers do not take a key as `Authorization: Bearer`. */
const usualKeyHeaders: Readonly<Partial<Record<string, ProviderConfig["keyHeader"]>>> = {
  anthropic: "x-api-key",
  gemini: "x-goog-api-key",
};

/** What a dialect adds to a base URL, and endings of one that says too much. */
interface Endpoint {
  readonly added: string;
  readonly ending: RegExp;
}

const chatEndpoint: Endpoint = {
  added: "/chat/completions",
  ending: /\/(?:chat\/completions|v1\/messages)$/,
};
const endpoints: Readonly<Partial<Record<string, Endpoint>>> = {
  anthropic: { added: "/v1/messages", ending: /\/v1(?:\/messages)?$/ },
  // Google's endpoint in OpenAI's form lies below; it is spoken by openai-chat.
  gemini: { added: "/models/…", ending: /\/(?:models|openai)$/ },
};

const resolveTimeouts = (raw: RawProvider): Timeouts => {
  const given = raw.timeouts ?? {};
  return {
    connect: milliseconds(given.connect ?? defaultTimeouts.connect),
    firstByte: milliseconds(given.firstByte ?? defaultTimeouts.firstByte),
    idle: milliseconds(given.idle ?? defaultTimeouts.idle),
    total: milliseconds(given.total ?? defaultTimeouts.total),
  };
};

const readBaseUrl = (raw: RawProvider, parent: Path, around: ProviderSurroundings): string | undefined => {
  const path = [...parent, "baseUrl"];
  const { tree, problems, filled } = around;
  if (filled.failed.has(showPath(path))) return undefined;
  const tell = (text: string): undefined => problems.add(positionAt(tree, path), path, text) as undefined;
  if (raw.baseUrl === undefined) {
    if (treeAt(tree, path)) return undefined;
    return problems.add(keyPositionAt(tree, parent), parent, "`baseUrl` is missing.") as undefined;
  }
  // What came out of a variable is not shown: it may be anything.
  const found = filled.filled.has(showPath(path))
    ? "a text (with its variables filled in)"
    : quoted(raw.baseUrl);
  const url = URL.parse(raw.baseUrl);
  if (!url) return tell(`found ${found}, expected a URL, as https://api.example.com/v1.`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return tell(`found ${found}, expected a URL that begins with http:// or https://.`);
  if (url.username !== "" || url.password !== "")
    return tell("found a URL with a user name or password; put the key into `keys`.");
  if (url.search !== "" || url.hash !== "") return tell(`found ${found}, expected a URL without ? and #.`);
  const base = raw.baseUrl.replace(/\/+$/, "");
  const { added, ending } = endpoints[raw.dialect ?? ""] ?? chatEndpoint;
  const surplus = ending.exec(base)?.[0];
  if (surplus !== undefined)
    return tell(`found ${found}, expected it without ${surplus} at the end: ${added} is added to it.`);
  return base;
};
