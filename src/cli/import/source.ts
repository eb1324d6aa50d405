/** Reads the files of another tool: JSON with or without comments, YAML, environment files, SQL dumps, SQLite databases. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseTree } from "../../config/parse.ts";
import { Problems } from "../../config/problems.ts";
import { parseEnvFile } from "../../config/secrets.ts";
import type { MapTree } from "../../config/tree.ts";
import { SwitchyardError, systemCodeOf } from "../../shared/errors.ts";
import { decodeText } from "../../shared/text-file.ts";
import { databaseRows, isDatabase } from "./database.ts";
import type { SourceFile } from "./importer.ts";
import { asYaml } from "./json5.ts";
import { type Report, unreadLine } from "./report.ts";
import { sqlRows } from "./sql.ts";

/** Larger ones are no configuration. A dump of cc-switch holds logs as well. */
const largest = 64 * 1024 * 1024;

/** Names of files that are looked at in a folder. */
const ofInterest = /(?:\.(?:json|json5|ya?ml|env|sql|sqlite3?|db)|^\.env)$/i;

const unreadable = (place: string, error: unknown): SwitchyardError =>
  new SwitchyardError("usage.invalid", {
    detail: `${place} cannot be read (${systemCodeOf(error) ?? "unknown"})`,
    hint: "Name the configuration file of the other tool, or the folder that it lies in.",
    cause: error,
  });

/**
 * @param place a file, or a folder whose configuration files are read (and those of a `json_data` in it)
 * @throws SwitchyardError usage.invalid; config.invalid with line and column where a file of that name is not of its form
 */
export const readSource = (place: string, report: Report): readonly SourceFile[] => {
  const files = listFiles(place);
  if (files.length === 0)
    throw new SwitchyardError("usage.invalid", {
      detail: `${place} holds no configuration file (.json, .yaml, .env, .sql, .sqlite, .db)`,
      hint: "Name the file itself.",
    });
  return files.map((shown) => readOne(shown, report));
};

const listFiles = (place: string): string[] => {
  try {
    if (!statSync(place).isDirectory()) return [place];
    const inside = readdirSync(place, { withFileTypes: true });
    const below = inside.some((entry) => entry.isDirectory() && entry.name === "json_data")
      ? readdirSync(join(place, "json_data"), { withFileTypes: true })
      : [];
    return (
      [...inside, ...below]
        .filter(({ name }) => ofInterest.test(name))
        .map((entry) => join(entry.parentPath, entry.name))
        // Links count as what they lead to: many keep their settings elsewhere.
        .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
        .toSorted()
    );
  } catch (error) {
    throw unreadable(place, error);
  }
};

const readOne = (shown: string, report: Report): SourceFile => {
  let bytes: Buffer;
  try {
    const stat = statSync(shown);
    // Of a pipe (`<(…)`) everything can be read, of a device there is no end.
    if (!stat.isFile() && !stat.isFIFO())
      throw new SwitchyardError("usage.invalid", {
        detail: `${shown} is neither a file nor a folder`,
        hint: "Name the configuration file of the other tool, or the folder that it lies in.",
      });
    if (stat.size > largest)
      throw new SwitchyardError("usage.invalid", { detail: `${shown} is larger than 64 MB`, hint: "" });
    bytes = readFileSync(shown);
  } catch (error) {
    throw error instanceof SwitchyardError ? error : unreadable(shown, error);
  }
  const name = basename(shown);
  if (isDatabase(bytes))
    return {
      shown,
      file: resolve(shown),
      name,
      form: "sql",
      part: report.root(shown, databaseRows(shown, bytes)),
    };
  const text = textOf(bytes, shown);
  const form = /\.sql$/i.test(name) ? "sql" : /(?:^|\.)env(?:\.\w+)?$/i.test(name) ? "env" : "data";
  const tree =
    form === "sql" ? sqlRows(text, shown) : form === "env" ? envTree(text, shown) : dataTree(text, shown);
  return { shown, file: resolve(shown), name, form, part: report.root(shown, tree) };
};

const textOf = (bytes: Buffer, shown: string): string => {
  const text = decodeText(bytes);
  if (!text.includes("\0")) return text;
  throw new SwitchyardError("usage.invalid", {
    detail: `${shown} is no text: it holds zero bytes`,
    hint: "Save it as UTF-8, or name the configuration file of the other tool.",
  });
};

const dataTree = (text: string, file: string): MapTree => {
  const problems = new Problems();
  const tree = parseTree(/^\s*(?:\/[/*]|\{)/.test(text) ? asYaml(text) : text, file, problems, {
    // As the readers of YAML in Python and Go do.
    mergeKeys: true,
  });
  problems.throwIfAny();
  return tree;
};

/** NAME=value by name, each with its line; of a name that stands twice the last. What else stands there is kept under its line, to be told. */
const envTree = (text: string, file: string): MapTree => {
  const entries: MapTree["entries"] = new Map();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const at = { file, line: i + 1, column: 1 };
    const { values } = parseEnvFile(line);
    if (values.size === 0 && !/^\s*(?:#|$)/.test(line))
      entries.set(`${unreadLine} ${i + 1}`, { keyAt: at, value: { kind: "scalar", at, value: "" } });
    for (const [name, value] of values) {
      const before = entries.get(name);
      if (before !== undefined) entries.set(`${name} (${unreadLine} ${before.keyAt.line})`, before);
      entries.set(name, { keyAt: at, value: { kind: "scalar", at, value } });
    }
  }
  return { kind: "map", at: { file, line: 1, column: 1 }, entries };
};
