/**
 * The script of custom rules, read beside the configuration. Into a container it goes inside the configuration's text, as a `data:` URL: whatever
 * brings the configuration there, at the start or while the container runs, brings the script of the same moment.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { systemCodeOf } from "../shared/errors.ts";
import { type MapTree, treeAt } from "./tree.ts";
import { resolveVariables } from "./variables.ts";

export type ScriptSource =
  | {
      readonly kind: "script";
      readonly file: string | undefined;
      readonly name: string;
      readonly text: string;
    }
  /** Why there is none though one was named. */
  | { readonly kind: "problem"; readonly text: string };

const extensions = [".ts", ".mts", ".js", ".mjs", ".cjs"];
/** Bytes. A script that decides about requests is some hundred lines. */
const largest = 256 * 1024;

/**
 * Reads what `rulesScript` names.
 * @param root the checkout, which positions of its files are relative to; @param home for `~/`
 * @returns undefined where none is named
 */
export const readRulesScript = (
  tree: MapTree,
  lookup: (name: string) => string | undefined,
  root: string,
  home: string | undefined,
): ScriptSource | undefined => {
  const node = treeAt(tree, ["rulesScript"]);
  if (node?.kind !== "scalar" || typeof node.value !== "string") return undefined;
  const named = resolveVariables(node.value, lookup).text.trim();
  if (named === "") return undefined;
  const carried = fromDataUrl(named);
  if (carried !== undefined) return carried;
  const path = home !== undefined && named.startsWith("~/") ? home + named.slice(1) : named;
  const file = resolve(root, dirname(node.at.file), path);
  if (!extensions.includes(extname(file)))
    return problem(`${file} is no script, expected a name that ends in ${extensions.join(", ")}.`);
  try {
    if (existsSync(file) && statSync(file).size > largest)
      return problem(`${file} is larger than ${largest / 1024} KB.`);
    return { kind: "script", file, name: basename(file), text: readFileSync(file, "utf8") };
  } catch (error) {
    return problem(
      `${file} cannot be read (${systemCodeOf(error) ?? "unknown"}); write the script there, or correct the path, which begins at the folder of the file that names it.`,
    );
  }
};

const problem = (text: string): ScriptSource => ({ kind: "problem", text });

const dataUrl = /^data:text\/plain;name=([\w.-]+);base64,([A-Za-z0-9+/]*={0,2})$/;

/** The script as one text, for a container's configuration. Base64, as every `${` of it would be taken for a variable. */
export const scriptAsDataUrl = (script: { readonly name: string; readonly text: string }): string =>
  `data:text/plain;name=${script.name.replaceAll(/[^\w.-]/g, "-")};base64,${Buffer.from(script.text).toString("base64")}`;

const fromDataUrl = (text: string): ScriptSource | undefined => {
  const [, name, base64] = dataUrl.exec(text) ?? [];
  if (name === undefined || base64 === undefined) return undefined;
  return { kind: "script", file: undefined, name, text: Buffer.from(base64, "base64").toString("utf8") };
};
