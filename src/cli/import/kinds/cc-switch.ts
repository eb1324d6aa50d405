/**
 * cc-switch (farion1231): its database, or the SQL that its export writes (`providers` of src-tauri/src/database/schema.rs, 3.8 and later), and `~/.cc-switch/config.json`
 * of the versions before (`claude.providers` by id, or `providers` alone in its first form). A provider of it is a profile here.
 */
import { profileOfEnv, type MadeProfile } from "../claude-env.ts";
import type { Draft } from "../draft.ts";
import { type Importer, jsonIn, type SourceFile } from "../importer.ts";
import type { Part } from "../report.ts";
import { hostWord, rowOf, slug } from "../texts.ts";

const isOld = ({ form, part }: SourceFile): boolean =>
  form === "data" &&
  [part.at("claude", "providers"), part.at("codex", "providers"), part.at("providers")].some((list) =>
    list?.entries().some(([, each]) => each.at("settingsConfig") !== undefined),
  );

export const ccSwitch: Importer = {
  kind: "cc-switch",
  title: "cc-switch",
  where: "~/.cc-switch/cc-switch.db, the file that its export writes, or ~/.cc-switch/config.json",
  keepsLogin: true,
  detect: (files) =>
    files.filter(
      (file) => isOld(file) || file.part.at("providers")?.items()[0]?.at("settings_config") !== undefined,
    ),
  read: (files, draft) => {
    const made: Entry[] = files.flatMap(({ form, part }) =>
      form === "sql" ? rowsOf(part) : entriesOf(part),
    );
    const profiles: (MadeProfile & Entry)[] = [];
    for (const entry of made) {
      const profile = readEntry(entry, draft);
      if (profile !== undefined) profiles.push({ ...entry, ...profile, name: profile.name });
    }
    setRoutes(
      profiles.filter(({ app }) => app === "claude"),
      draft,
    );
  },
};

/** A provider of cc-switch, whatever form it came in. */
interface Entry {
  readonly app: string;
  readonly name: string;
  readonly settings: Part | undefined;
  /** Undefined: Anthropic's, or what the address tells. */
  readonly dialect: "anthropic" | "openai-chat" | "openai-responses" | undefined;
  readonly isCurrent: boolean;
  readonly isFallback: boolean;
  readonly order: number;
  readonly part: Part;
}

const columns = [
  "id",
  "app_type",
  "name",
  "website_url",
  "category",
  "created_at",
  "sort_index",
  "notes",
  "icon",
  "icon_color",
  "is_current",
  "in_failover_queue",
];

const rowsOf = (top: Part): Entry[] => {
  for (const [table, part] of top.entries())
    if (table !== "providers") part.dropped(`no providers: rows of ${table}`);
  return (top.at("providers")?.items() ?? []).map((row): Entry => {
    const column = (name: string): Part | undefined => row.at(name);
    for (const name of columns) {
      if (name !== "name" && column("app_type")?.text !== "claude")
        column(name)?.dropped(
          "routes are those of Claude Code; of another client the profile is chosen by name",
        );
      else if (name === "is_current") column(name)?.mapped("routes", "the one that is in use");
      else if (name === "in_failover_queue" || name === "sort_index")
        column(name)?.mapped("routes", "the order of those in the failover queue");
      else if (name === "name") column(name)?.mapped("profiles");
      else column(name)?.dropped("only cc-switch's own list shows it");
    }
    const meta = column("meta");
    const dialect = readMeta(meta?.text === undefined ? undefined : jsonIn(meta));
    const text = column("settings_config");
    return {
      app: column("app_type")?.text ?? "",
      name: column("name")?.text ?? "",
      settings: text === undefined ? undefined : jsonIn(text),
      dialect,
      isCurrent: column("is_current")?.isTrue === true,
      isFallback: column("in_failover_queue")?.isTrue === true,
      order: column("sort_index")?.number ?? 999_999,
      part: row,
    };
  });
};

/** What a provider of it says of its protocol: `meta.apiFormat` (src-tauri/src/provider.rs), which its own proxy translates to. */
const formats: Readonly<Record<string, "anthropic" | "openai-chat" | "openai-responses">> = {
  anthropic: "anthropic",
  openai_chat: "openai-chat",
  openai_responses: "openai-responses",
};

/** Tells what `meta` says. @returns its protocol, where it names one */
const readMeta = (meta: Part | undefined): Entry["dialect"] => {
  const format = meta?.at("apiFormat");
  const dialect = rowOf(formats, format?.text ?? "");
  if (dialect !== undefined) format?.mapped("providers.*.dialect");
  else format?.dropped("no protocol of that name here");
  for (const [name, part] of meta?.entries() ?? [])
    if (name !== "apiFormat")
      part.dropped("prices, tests and scripts of cc-switch; prices here stand in `models`");
  if (meta?.entries().length === 0) meta.dropped("it is empty");
  return dialect;
};

const entriesOf = (top: Part): Entry[] => {
  const apps: [string, Part | undefined][] =
    top.at("claude") === undefined && top.at("codex") === undefined
      ? [["claude", top]]
      : ["claude", "codex", "gemini"].map((app) => [app, top.at(app)]);
  top.at("version")?.dropped("the version of its file");
  for (const name of ["mcp", "prompts", "skills", "common_config_snippets", "claude_common_config_snippet"])
    top.at(name)?.dropped("tools, prompts and skills are the client's own");
  return apps.flatMap(([app, part]) => {
    const current = part?.at("current");
    if (app === "claude") current?.mapped("routes", "the one that is in use");
    else current?.dropped("routes are those of Claude Code; of another client the profile is chosen by name");
    if (part?.at("providers")?.entries().length === 0) part.at("providers")?.dropped("it is empty");
    return (part?.at("providers")?.entries() ?? []).map(([id, each]): Entry => {
      for (const [key, below] of each.entries())
        if (key === "name") below.mapped("profiles");
        else if (key !== "settingsConfig" && key !== "meta")
          below.dropped("only cc-switch's own list shows it");
      return {
        app,
        name: each.at("name")?.text ?? id,
        settings: each.at("settingsConfig"),
        dialect: readMeta(each.at("meta")),
        isCurrent: current?.text === id,
        isFallback: each.at("inFailoverQueue")?.isTrue === true,
        order: each.at("sortIndex")?.number ?? 999_999,
        part: each,
      };
    });
  });
};

const readEntry = (entry: Entry, draft: Draft): MadeProfile | undefined => {
  const { app, settings } = entry;
  const name = slug(entry.name, "");
  if (settings === undefined) return undefined;
  if (app === "claude" || app === "claude-desktop") {
    for (const [key, part] of settings.entries())
      if (key !== "env")
        part.dropped("a setting of the client itself: it stays in the client's own settings");
    const env = settings.at("env");
    if (env === undefined) return undefined;
    if (env.entries().length === 0)
      env.mapped("profiles", "it is empty: the client's own login, anthropic,*");
    return profileOfEnv(
      {
        env,
        name:
          name === "" ? hostWord(env.at("ANTHROPIC_BASE_URL")?.text ?? "https://api.anthropic.com") : name,
        description: `${entry.name}, of cc-switch`,
        ...(entry.dialect !== undefined && { dialect: entry.dialect }),
      },
      draft,
    );
  }
  if (app === "codex") return readCodex(settings, entry, name, draft);
  if (app === "gemini") return readGemini(settings, entry, name, draft);
  settings.dropped(`a provider of another client (${app})`);
  return undefined;
};

/** Codex: its key in `auth`, everything else in a TOML text. */
const readCodex = (settings: Part, entry: Entry, name: string, draft: Draft): MadeProfile | undefined => {
  const config = settings.at("config");
  const key = settings.at("auth", "OPENAI_API_KEY");
  const field = (of: string): string | undefined =>
    new RegExp(`^\\s*${of}\\s*=\\s*["']([^"'\\n]+)["']`, "m").exec(config?.text ?? "")?.[1];
  const url = field("base_url");
  if (url === undefined && key?.text === undefined) {
    settings.dropped("a login of Codex itself: CLIProxyAPI's work (docs/cliproxyapi.md)");
    return undefined;
  }
  const provider = draft.provider({
    name: name === "" ? hostWord(url ?? "") : name,
    baseUrl: url ?? "https://api.openai.com/v1",
    dialect: field("wire_api") === "chat" ? "openai-chat" : "openai-responses",
    keys: key?.text === undefined ? [] : [{ value: key.text }],
  });
  const target = `${provider},${field("model") ?? "*"}`;
  const profile = draft.profile(`${name === "" ? provider : name}-codex`, {
    description: `${entry.name}, of cc-switch (Codex)`,
    models: {},
    routes: { default: target },
  });
  config?.changed(`profiles.${profile}`, "address, protocol and model of its TOML; the rest is Codex's own");
  key?.mapped(`providers.${provider}.keys`);
  return { name: profile, targets: { default: target } };
};

const readGemini = (settings: Part, entry: Entry, name: string, draft: Draft): MadeProfile | undefined => {
  const env = settings.at("env");
  const key = env?.at("GEMINI_API_KEY") ?? env?.at("GOOGLE_API_KEY");
  const url = env?.at("GOOGLE_GEMINI_BASE_URL");
  if (key?.text === undefined) {
    settings.dropped("a login with a Google account: CLIProxyAPI's work (docs/cliproxyapi.md)");
    return undefined;
  }
  const provider = draft.provider({
    name: name === "" ? "gemini" : name,
    preset: "gemini",
    baseUrl:
      url?.text === undefined ? undefined : `${url.text.replace(/\/+$/, "").replace(/\/v1beta$/, "")}/v1beta`,
    dialect: "gemini",
    keys: [{ value: key.text }],
  });
  const model = env?.at("GEMINI_MODEL");
  const target = `${provider},${model?.text ?? "gemini-2.5-pro"}`;
  const profile = draft.profile(`${name === "" ? provider : name}-gemini`, {
    description: `${entry.name}, of cc-switch (Gemini)`,
    models: {},
    routes: { default: target },
  });
  key.mapped(`providers.${provider}.keys`);
  url?.mapped(`providers.${provider}.baseUrl`);
  model?.mapped(`profiles.${profile}.routes.default`);
  return { name: profile, targets: { default: target } };
};

/** The one in use serves the tiers; those of the failover queue stand behind it, in their order. */
const setRoutes = (profiles: readonly (MadeProfile & Entry)[], draft: Draft): void => {
  const current = profiles.find(({ isCurrent }) => isCurrent);
  const queue = profiles
    .filter((each) => each.isFallback && each !== current)
    .toSorted((a, b) => a.order - b.order);
  if (current === undefined) {
    draft.routes.default = { use: ["anthropic,*"] };
    return;
  }
  draft.tierFirst = true;
  for (const tier of ["default", "opus", "sonnet", "haiku"] as const) {
    const first = current.targets[tier];
    if (first === undefined) continue;
    const behind = queue.flatMap(({ targets }) => targets[tier] ?? targets["default"] ?? []);
    draft.routes[tier] = { use: [...new Set([first, ...behind])] };
  }
};
