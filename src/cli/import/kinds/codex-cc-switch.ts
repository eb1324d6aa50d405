/**
 * codex_cc_switch (cd555yong), `json_data/all_configs.json`: config_manager.py and app.py of 2025-11. Addresses are tried in the order of the file, each on its
 * days (`time_enabled`, from Monday on), those of type `backup` after all others.
 */
import type { Draft } from "../draft.ts";
import type { KeyWish } from "../draft-types.ts";
import { filesWith, type Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { hostWord, keyNote, slug } from "../texts.ts";
import { readErrors, readTimeouts } from "./codex-cc-switch-tuning.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** What Claude Code asks for small things: the call that opens a billing window needs a model. */
const smallModel = "claude-haiku-4-5-20251001";

export const codexCcSwitch: Importer = {
  kind: "codex-cc-switch",
  title: "codex_cc_switch",
  where: "json_data/all_configs.json",
  detect: (files) => filesWith(files, "api_configs", (part) => part.tree.kind === "list"),
  read: (files, draft) => {
    for (const { part } of files) readConfig(part, draft);
  },
};

const readConfig = (top: Part, draft: Draft): void => {
  const times = readTimeouts(top.at("timeout_settings"));
  const fields = { ...times, ...readErrors(top.at("error_handling_strategies"), times.failures) };
  const claude = readList(top.at("api_configs"), "anthropic", draft);
  const retries = readList(top.at("retry_configs"), "anthropic", draft);
  const codex = readList(top.at("codex_configs"), "openai-responses", draft);
  const all = [...new Set([...claude, ...retries])];
  const targets = (providers: readonly string[], model: string): string[] =>
    providers.map((name) => `${name},${model}`);
  if (all.length > 0) draft.routes.default = { use: targets(all, "*") };
  for (const part of top.at("model_conversions")?.children() ?? []) {
    const [from, to] = [part.at("source_model"), part.at("target_model")];
    const providers = /^claude/i.test(from?.text ?? "") ? all : codex;
    if (from?.text === undefined || to?.text === undefined || providers.length === 0) {
      part.dropped("it names no model, or nothing serves it");
      continue;
    }
    if (part.at("enabled")?.isFalse === true) {
      part.dropped("it is switched off there");
      continue;
    }
    draft.modelRule(from.text, [from.text], targets(providers, to.text));
    from.mapped("rules[].when.model");
    to.mapped("rules[].use");
    part.at("enabled")?.mapped("rules");
    part.at("conversion_type")?.changed("rules", "every request is put into the provider's form");
    for (const name of ["name", "created_at", "updated_at"]) part.at(name)?.dropped("a note for people");
  }
  // Its endpoint of Codex is one of its own; here a model's name tells.
  if (codex.length > 0) draft.modelRule("codex", ["gpt-5*", "*codex*"], targets(codex, "*"));
  for (const name of ["openai_to_claude_configs", "openai_to_claude_config"])
    top
      .at(name)
      ?.dropped(
        "clients of OpenAI's form go by the same routes: any model name without a rule takes routes.default",
      );
  top.at("optimization_settings")?.dropped("cache_control is kept within each provider's limits");
  for (const [field, value] of Object.entries(fields)) draft.forEveryProvider(field, value);
};

interface Found {
  readonly part: Part;
  readonly url: string;
  readonly key: KeyWish;
  readonly isBackup: boolean;
}

/** Providers in the order in which they are tried: neighbours of one address are keys of one provider. */
const readList = (
  list: Part | undefined,
  dialect: "anthropic" | "openai-responses",
  draft: Draft,
): string[] => {
  const found = (list?.children() ?? []).flatMap((part) => readEntry(part) ?? []);
  const inOrder = [...found.filter(({ isBackup }) => !isBackup), ...found.filter(({ isBackup }) => isBackup)];
  const groups: Found[][] = [];
  for (const each of inOrder) {
    const last = groups.at(-1);
    if (last?.[0]?.url === each.url && last[0].isBackup === each.isBackup) last.push(each);
    else groups.push([each]);
  }
  return groups.map((group) => {
    const [first] = group;
    const url = first?.url ?? "";
    const provider = draft.provider({
      name: `${hostWord(url)}${dialect === "openai-responses" ? "-codex" : ""}${first?.isBackup === true ? "-backup" : ""}`,
      baseUrl: url,
      dialect,
      keys: withOwnNames(group.map(({ key }) => key)),
      // Its requests carry `Authorization: Bearer` (app.py).
      more: dialect === "anthropic" ? { keyHeader: "authorization" } : {},
    });
    for (const { part } of group) tell(part, provider);
    return provider;
  });
};

/** Names that are one without their foreign letters become two again. */
const withOwnNames = (keys: readonly KeyWish[]): KeyWish[] => {
  const seen = new Map<string, number>();
  return keys.map((key) => {
    const name = key.terms?.["name"];
    if (typeof name !== "string") return key;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? key : { ...key, terms: { ...key.terms, name: `${name.slice(0, 20)}-${count}` } };
  });
};

/** Why an entry is never asked; undefined where it is. */
const offBecause = (part: Part, on: readonly string[]): string | undefined => {
  if (part.at("base_url")?.text === undefined || part.at("key")?.text === undefined)
    return "it has no address or no key";
  if (part.at("enabled")?.isFalse === true) return "it is switched off there";
  return on.length === 0 ? "it is on at no day of the week" : undefined;
};

const readEntry = (part: Part): Found | undefined => {
  const enabled = part
    .at("time_enabled")
    ?.items()
    .map(({ text }) => text !== "0" && text !== "false");
  const on = days.filter((_, i) => enabled?.[i] ?? true);
  const off = offBecause(part, on);
  if (off !== undefined) {
    part.dropped(off);
    return undefined;
  }
  const [url = "", key = ""] = [part.at("base_url")?.text, part.at("key")?.text];
  const activates =
    part.at("activation_enabled")?.isTrue === true ? part.at("activation_time")?.text : undefined;
  const name = slug(part.at("name")?.text ?? "", "").slice(0, 24);
  return {
    part,
    url,
    isBackup: part.at("type")?.text === "backup",
    key: {
      value: key,
      terms: {
        ...(name !== "" && { name }),
        ...(on.length < days.length && { hours: on.join(",") }),
        ...(activates !== undefined && { activate: activates, activateModel: smallModel }),
      },
    },
  };
};

const tell = (part: Part, provider: string): void => {
  const at = `providers.${provider}`;
  part.at("base_url")?.mapped(`${at}.baseUrl`);
  part.at("key")?.mapped(`${at}.keys`, keyNote(part.at("key")?.text));
  const name = part.at("name");
  if (slug(name?.text ?? "", "") === (name?.text ?? "").slice(0, 24)) name?.mapped(`${at}.keys[].name`);
  else name?.changed(`${at}.keys[].name`, "names of keys are letters, digits, `.`, `-` and `_`");
  part.at("type")?.mapped("routes.default", "backups stand behind all others");
  part.at("enabled")?.mapped(at);
  part.at("time_enabled")?.mapped(`${at}.keys[].hours`);
  const activates = part.at("activation_enabled")?.isTrue === true;
  for (const field of ["activation_enabled", "activation_time"])
    if (activates)
      part.at(field)?.changed(`${at}.keys[].activate`, `the small call asks ${smallModel} (activateModel)`);
    else part.at(field)?.dropped("it is switched off there");
  for (const field of ["created_at", "updated_at"]) part.at(field)?.dropped("a note for people");
};
