/**
 * ccs (kaitranntt), `~/.ccs`: `config.yaml` (version 2 to 14: src/config/schemas/unified-config.ts) or `config.json` (profiles by the path of their
 * settings), and `*.settings.json` with the variables of each. A profile of it is a profile here.
 */
import { basename } from "node:path";
import { profileOfEnv } from "../claude-env.ts";
import type { Draft } from "../draft.ts";
import { filesWith, type Importer, type SourceFile } from "../importer.ts";
import type { Part } from "../report.ts";
import { rowOf } from "../texts.ts";
import { tellRest } from "./ccs-dropped.ts";

const isSettings = ({ name, part }: SourceFile): boolean =>
  /\.settings\.json$/i.test(name) && part.at("env")?.tree.kind === "map";

const isConfig = ({ name, part }: SourceFile): boolean =>
  /^config\.(?:json|ya?ml)$/i.test(name) &&
  part.at("model_list") === undefined &&
  (part.at("profiles")?.tree.kind === "map" || part.at("cliproxy", "variants") !== undefined);

export const ccs: Importer = {
  kind: "ccs",
  title: "ccs",
  where: "~/.ccs",
  keepsLogin: true,
  detect: (files) => filesWith(files, "env").filter(isSettings).concat(files.filter(isConfig)),
  read: (files, draft) => {
    const settings = new Map(files.filter(isSettings).map((file) => [file.name, file]));
    const used = new Set<string>();
    const take = (path: string | undefined): SourceFile | undefined => {
      const name = basename(path ?? "");
      used.add(name);
      return settings.get(name);
    };
    let standard = "";
    for (const { part } of files.filter(isConfig)) standard = readConfig(part, take, draft) || standard;
    for (const [name, file] of settings)
      if (!used.has(name)) readSettings(file.part, name.replace(/\.settings\.json$/i, ""), draft);
    const chosen = draft.profiles.get(standard);
    // Without a profile it starts the client with the user's own login.
    draft.routes.default = { use: ["anthropic,*"] };
    if (chosen === undefined) return;
    const target = chosen.routes?.["default"];
    if (target !== undefined) draft.routes.default = { use: [target].flat() };
    draft.tierFirst = true;
    for (const tier of ["opus", "sonnet", "haiku"] as const) {
      const of = chosen.models[tier];
      if (of !== undefined) draft.routes[tier] = { use: [of] };
    }
  },
};

/** @returns the profile's name here */
const readSettings = (part: Part, name: string, draft: Draft): string => {
  for (const [key, below] of part.entries())
    if (key !== "env") below.dropped("a setting of the client itself: it stays in the client's own settings");
  const env = part.at("env");
  // Its profile `glmt` asks an endpoint in OpenAI's form, which the address tells.
  return env === undefined ? "" : profileOfEnv({ env, name, description: `${name}, of ccs` }, draft).name;
};

/** @returns our name of the profile that it starts where none is named; empty: the user's own login */
const readConfig = (
  top: Part,
  take: (path: string | undefined) => SourceFile | undefined,
  draft: Draft,
): string => {
  const ours = new Map<string, string>();
  for (const [name, part] of top.at("profiles")?.entries() ?? []) {
    const path = part.at("settings") ?? (part.tree.kind === "scalar" ? part : undefined);
    const file = take(path?.text);
    if (/[/\\]\.claude[/\\]settings\.json$/.test(path?.text ?? ""))
      part.mapped("routes.default", "the client's own login: anthropic,*");
    else if (file === undefined)
      part.dropped(`its file ${basename(path?.text ?? "")} is not here; import the folder that holds it`);
    else {
      const made = readSettings(file.part, name, draft);
      ours.set(name.toLowerCase(), made);
      part.mapped(`profiles.${made}`);
    }
  }
  for (const [name, part] of top.at("cliproxy", "variants")?.entries() ?? [])
    ours.set(name.toLowerCase(), readVariant(name, part, take, draft));
  for (const [name, part] of top.at("cliproxy")?.entries() ?? [])
    if (name !== "variants")
      part.dropped("it concerns accounts: they stay with CLIProxyAPI (docs/cliproxyapi.md)");
  const standard = top.at("default");
  if (standard?.text !== undefined) standard.mapped("routes");
  readSearch(top.at("websearch"), draft);
  tellRest(top);
  return ours.get(standard?.text?.toLowerCase() ?? "") ?? "";
};

/** CLIProxyAPI of this machine, by its root: the model's name tells the account's kind. */
const cliproxy = (draft: Draft): string =>
  draft.provider({ name: "cliproxyapi", preset: "cliproxyapi", keys: [{ value: "${CLIPROXYAPI_KEY}" }] });

const readVariant = (
  name: string,
  part: Part,
  take: (path: string | undefined) => SourceFile | undefined,
  draft: Draft,
): string => {
  const tiers = part.at("tiers");
  if (tiers === undefined) {
    const file = take(part.at("settings")?.text);
    if (file === undefined) {
      part.dropped("its settings file is not here; its models are CLIProxyAPI's own");
      return "";
    }
    const made = readSettings(file.part, name, draft);
    part.changed(`profiles.${made}`, "CLIProxyAPI goes on serving it");
    return made;
  }
  const provider = cliproxy(draft);
  const models: Record<string, string> = {};
  const behind: Record<string, string[]> = {};
  for (const [tier, below] of tiers.entries()) {
    const model = below.at("model")?.text;
    if (model === undefined) continue;
    models[tier] = `${provider},${model}`;
    const hops = [below.at("fallback"), ...(below.at("fallback_chain")?.items() ?? [])];
    behind[tier] = hops.flatMap((hop) =>
      hop?.at("model")?.text === undefined ? [] : [`${provider},${hop.at("model")?.text ?? ""}`],
    );
  }
  const standard = part.at("default_tier")?.text ?? "sonnet";
  const first = rowOf(models, standard) ?? Object.values(models)[0];
  if (first === undefined) {
    part.dropped("it names no model");
    return "";
  }
  const ours = draft.profile(name, {
    description: `${name}, of ccs, by CLIProxyAPI`,
    models,
    routes: { default: [...new Set([first, ...(rowOf(behind, standard) ?? [])])] },
  });
  part.changed(
    `profiles.${ours}`,
    "CLIProxyAPI goes on serving its models; which account does is its own choice",
  );
  return ours;
};

const readSearch = (search: Part | undefined, draft: Draft): void => {
  for (const provider of ["tavily", "brave", "searxng"] as const) {
    const part = search?.at("providers", provider);
    if (part?.at("enabled")?.isTrue !== true || draft.sections["search"] !== undefined) continue;
    const url = part.at("url")?.text;
    if (provider === "searxng" && url === undefined) continue;
    const results = part.at("max_results")?.number;
    draft.sections["search"] = {
      provider,
      ...(provider === "searxng" ? { baseUrl: url } : { key: `\${${provider.toUpperCase()}_API_KEY}` }),
      ...(results !== undefined && { maxResults: results }),
    };
    part.mapped("search");
  }
  for (const [name, part] of search?.at("providers")?.entries() ?? [])
    if (!(part.at("enabled")?.isTrue === true && ["tavily", "brave", "searxng"].includes(name)))
      part.dropped("web search is tavily, brave or searxng here, one of them, and this is off or another");
  search?.at("enabled")?.mapped("search");
};
