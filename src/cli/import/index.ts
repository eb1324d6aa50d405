/** The tools that a configuration can be taken over from. A new one is a file in kinds/ and a line here. */
import { SwitchyardError } from "../../shared/errors.ts";
import { didYouMean } from "../../config/problems.ts";
import type { Tracked } from "../../config/preset-list.ts";
import { Draft } from "./draft.ts";
import type { Importer, SourceFile } from "./importer.ts";
import { ccSwitch } from "./kinds/cc-switch.ts";
import { ccr } from "./kinds/ccr.ts";
import { ccs } from "./kinds/ccs.ts";
import { claudeCodeProxy } from "./kinds/claude-code-proxy.ts";
import { claudeModels } from "./kinds/claude-models.ts";
import { cliproxyapi } from "./kinds/cliproxyapi.ts";
import { codexCcSwitch } from "./kinds/codex-cc-switch.ts";
import { litellm } from "./kinds/litellm.ts";
import { routingRules } from "./kinds/routing-rules.ts";
import { type Finding, Report } from "./report.ts";
import { readSource } from "./source.ts";
import { variablesNamed } from "./texts.ts";

export const importers: readonly Importer[] = [
  ccr,
  litellm,
  claudeCodeProxy,
  claudeModels,
  cliproxyapi,
  ccs,
  ccSwitch,
  codexCcSwitch,
  routingRules,
];

export interface Imported {
  readonly importer: Importer;
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  /** Files of the folder that are not this tool's. */
  readonly unread: readonly string[];
}

/** @throws SwitchyardError usage.invalid: no tool, or more than one, has such a configuration */
const choose = (
  files: readonly SourceFile[],
  place: string,
  kind: string | undefined,
): { importer: Importer; own: readonly SourceFile[] } => {
  const kinds = importers.map((each) => each.kind);
  if (kind !== undefined) {
    const importer = importers.find((each) => each.kind === kind);
    if (importer === undefined)
      throw new SwitchyardError("usage.invalid", {
        detail: `--from ${kind}: there is no such kind.${didYouMean(kind, kinds)} Known: ${kinds.join(", ")}`,
      });
    const own = importer.detect(files);
    if (own.length > 0) return { importer, own };
    throw new SwitchyardError("usage.invalid", {
      detail: `${place} holds nothing that ${importer.title} would read`,
      hint: `Its configuration is ${importer.where}.`,
    });
  }
  const found = importers.flatMap((importer) => {
    const own = importer.detect(files);
    return own.length > 0 ? [{ importer, own }] : [];
  });
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined)
    throw new SwitchyardError("usage.invalid", {
      detail: `${place} is no configuration that is known here`,
      hint: `Known: ${importers.map((each) => `${each.title} (${each.where})`).join("; ")}. --from KIND says which it is.`,
    });
  throw new SwitchyardError("usage.invalid", {
    detail: `${place} may be of ${found.map(({ importer, own }) => `${importer.title} (${own.map(({ name }) => name).join(", ")})`).join(", or of ")}`,
    hint: `Say which: --from ${found.map(({ importer }) => importer.kind).join(", or --from ")}.`,
  });
};

/**
 * Reads another tool's configuration. Nothing is written.
 * @param lookup the value of a variable on this machine, so that a key that is kept already is not kept twice
 * @throws SwitchyardError usage.invalid; config.invalid with every error of a file that cannot be read, and its line
 */
export const importConfiguration = (
  place: string,
  given: { kind: string | undefined; tracked: Tracked; lookup: (name: string) => string | undefined },
): Imported => {
  const report = new Report();
  const files = readSource(place, report);
  const { importer, own } = choose(files, place, given.kind);
  for (const file of files) if (!own.includes(file)) report.forget(file.part);
  const draft = new Draft(given.tracked, given.lookup, importer.keepsLogin === true);
  for (const { part } of own) for (const name of variablesNamed(part.tree)) draft.reserve(name);
  importer.read(own, draft);
  const unread = files.filter((file) => !own.includes(file)).map(({ shown }) => shown);
  return { importer, draft, findings: report.findings(), unread };
};
