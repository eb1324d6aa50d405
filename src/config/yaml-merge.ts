/** Puts values into a YAML text that a person wrote: comments, order and everything else stay as they are. */
import { isMap, isScalar, parseDocument, type Document } from "yaml";

export interface MergedYaml {
  readonly text: string;
  /** Keys that were there with another value, as `routes.default`. They have the new one in `text`. */
  readonly replaced: readonly string[];
}

type Plain = Readonly<Record<string, unknown>>;

const isPlainMap = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const plainAt = (document: Document, path: readonly string[]): unknown => {
  const node: unknown = document.getIn(path, true);
  const json = (node as { toJSON?: () => unknown } | undefined)?.toJSON;
  return json === undefined ? node : json.call(node);
};

/** @param text valid YAML with a map at the top, or empty */
export const mergeYaml = (text: string, values: Plain): MergedYaml => {
  const document: Document = parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  const replaced: string[] = [];
  const put = (path: readonly string[], value: unknown): void => {
    const there = document.hasIn(path) ? plainAt(document, path) : undefined;
    if (isPlainMap(value) && isPlainMap(there)) {
      for (const [key, below] of Object.entries(value)) put([...path, key], below);
      return;
    }
    if (document.hasIn(path)) {
      if (JSON.stringify(there) === JSON.stringify(value)) return;
      if (there !== null) replaced.push(path.join("."));
    }
    const node: unknown = document.getIn(path, true);
    // In the node itself, so that the comment behind it stays.
    if (isScalar(node) && (typeof value !== "object" || value === null)) node.value = value;
    else document.setIn(path, document.createNode(value, { aliasDuplicateObjects: false }));
  };
  for (const [key, value] of Object.entries(values)) put([key], value);
  const out = document.toString({ lineWidth: 0, nullStr: "" });
  // Its line ends stay, too.
  return { text: text.includes("\r\n") ? out.replaceAll(/\r?\n/g, "\r\n") : out, replaced };
};

/** The text without a key, and without the maps above it that are then empty. @param text valid YAML */
export const removeYaml = (text: string, path: readonly string[]): string => {
  const document: Document = parseDocument(text);
  if (!document.hasIn(path)) return text;
  document.deleteIn(path);
  for (let above = path.slice(0, -1); above.length > 0; above = above.slice(0, -1)) {
    const map: unknown = document.getIn(above);
    if (isMap(map) && map.items.length === 0) document.deleteIn(above);
  }
  const isEmpty = isMap(document.contents) && document.contents.items.length === 0;
  if (!isEmpty) return document.toString({ lineWidth: 0, nullStr: "" });
  // Of an empty map its comments are what is left.
  document.contents = null;
  return document.toString({ lineWidth: 0, nullStr: "" }).replace(/\n+$/, "\n");
};
