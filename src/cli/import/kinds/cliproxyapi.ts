/**
 * CLIProxyAPI (router-for-me), `config.yaml`: config.example.yaml of 6.x of 2026, and its older forms (`generative-language-api-key`, `api-keys` of a
 * provider of openai-compatibility, keys as plain texts). Logins of accounts stay with CLIProxyAPI, which can stand behind the router.
 */
import type { Draft } from "../draft.ts";
import type { Importer } from "../importer.ts";
import type { Part } from "../report.ts";
import { type Names, readCompatible, readSection, sections } from "./cliproxyapi-keys.ts";
import { readServer, readTuning, tellDropped } from "./cliproxyapi-settings.ts";

export const cliproxyapi: Importer = {
  kind: "cliproxyapi",
  title: "CLIProxyAPI",
  where: "config.yaml (~/.cli-proxy-api, or /opt/homebrew/etc/cliproxyapi.conf)",
  detect: (files) =>
    files.filter(({ part }) => {
      const has = (name: string): boolean => part.at(name) !== undefined;
      return (
        Object.keys(sections).some(has) ||
        has("openai-compatibility") ||
        has("auth-dir") ||
        (has("remote-management") && has("port"))
      );
    }),
  read: (files, draft) => {
    for (const { part } of files) readConfig(part, draft);
  },
};

const otherNames =
  "its first targets also get names that nothing serves, which are errors there; a level in brackets behind a name is part of the name here";

const readConfig = (top: Part, draft: Draft): void => {
  const names: Names = new Map();
  const wide: [string, string][] = [];
  for (const [name, section] of Object.entries(sections)) {
    const list = top.at(name);
    if (list !== undefined) readSection(list, section, names, wide, draft);
  }
  for (const part of top.at("openai-compatibility")?.items() ?? []) readCompatible(part, names, draft);
  top.at("vertex-api-key")?.dropped("Vertex is left to CLIProxyAPI: docs/cliproxyapi.md");
  for (const [name, targets] of names) {
    const [only] = targets;
    if (targets.length === 1 && only !== undefined) draft.aliases[name] = only;
    else draft.modelRule(name, [name], targets);
  }
  const byModels = Map.groupBy(wide, ([models]) => models);
  for (const [models, list] of byModels)
    draft.modelRule(models, [models], [...new Set(list.map(([, target]) => target))]);
  const claude = byModels.get("claude-*")?.map(([, target]) => target);
  const first = claude ?? [...names.values()][0] ?? [];
  // Without a model that it knows CLIProxyAPI answers with an error; here there is always a route for everything else.
  if (first.length > 0) {
    draft.routes.default = { use: [...new Set(first)] };
    const lists =
      claude === undefined ? [...Object.keys(sections), "openai-compatibility"] : ["claude-api-key"];
    lists
      .map((name) => top.at(name))
      .find((part) => part !== undefined)
      ?.besides("routes.default", otherNames);
  }
  readServer(top, draft);
  readTuning(top, draft);
  tellDropped(top);
};
