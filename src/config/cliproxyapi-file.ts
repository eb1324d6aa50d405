/**
 * The config.yaml of a CLIProxyAPI that the user runs: what Switchyard reads of it, and its settings put right in place. Names and
 * meanings: config.example.yaml of CLIProxyAPI 6.9.16.
 */
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, parseDocument, stringify, type YAMLMap } from "yaml";
import { SwitchyardError } from "../shared/errors.ts";

/** @throws SwitchyardError config.invalid with the first error and its place */
const parse = (text: string, file: string): Document => {
  const document: Document = parseDocument(text, { prettyErrors: true });
  const refuse = (why: string): never => {
    throw new SwitchyardError("config.invalid", { detail: `${file}: ${why}`, hint: "Nothing was changed." });
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const place = error.linePos?.[0];
    return refuse(
      `${place === undefined ? "" : `line ${place.line}: `}${error.message.split("\n", 1)[0]?.replace(/ at line.*$/, "") ?? ""}`,
    );
  }
  if (document.contents !== null && !isMap(document.contents)) return refuse("it is no map (key: value)");
  return document;
};

export interface CliproxyapiFile {
  /** Where its accounts lie, as it stands there; empty: nowhere. `~` is the home of the user that it runs as. */
  readonly authDir: string;
  readonly port: number;
}

/** @throws SwitchyardError config.invalid */
export const readCliproxyapi = (text: string, file: string): CliproxyapiFile => {
  const document = parse(text, file);
  const authDir: unknown = document.get("auth-dir");
  const port: unknown = document.get("port");
  return {
    authDir: typeof authDir === "string" ? authDir.trim() : "",
    port: typeof port === "number" ? port : 8317,
  };
};

/** Settings by their keys; a map holds more of them. */
export interface WantedSettings {
  readonly [key: string]: string | number | boolean | WantedSettings;
}

export interface PatchedFile {
  readonly text: string;
  /** `routing.strategy: round-robin -> fill-first`; empty where nothing differs, and `text` is what it was. */
  readonly changes: readonly string[];
}

/** A text at a place of another: `from` to `to` are taken out. */
interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Behind the line of a map's own in which a plain value stands: where another key of it may follow. */
const behindItem = (map: YAMLMap, text: string): { at: number; indent: string } | undefined => {
  if (map.flow === true) return undefined;
  for (const { key, value } of map.items) {
    const start = isScalar(key) ? key.range?.[0] : undefined;
    const end = isScalar(value) ? value.range?.[1] : undefined;
    if (start === undefined || end === undefined || text.slice(start, end).includes("\n")) continue;
    const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    const newline = text.indexOf("\n", end);
    if (/^ *$/.test(line) && newline >= 0) return { at: newline + 1, indent: line };
  }
  return undefined;
};

/** Behind the line of a key of the file's own with nothing behind it: what follows there is below it. */
const behindKey = (
  document: Document,
  text: string,
  path: readonly string[],
): ReturnType<typeof behindItem> => {
  const [name] = path;
  if (path.length !== 1 || !isMap(document.contents)) return undefined;
  const key = document.contents.items.find((pair) => isScalar(pair.key) && pair.key.value === name)?.key;
  const newline = isScalar(key) && key.range ? text.indexOf("\n", key.range[1]) : -1;
  return newline < 0 ? undefined : { at: newline + 1, indent: "  " };
};

/** What puts a setting into the text as it is; undefined where that is not said in so few words. */
const spliceFor = (
  document: Document,
  text: string,
  path: readonly string[],
  value: string | number | boolean,
): Splice | undefined => {
  const words = JSON.stringify(value);
  const node: unknown = document.getIn(path, true);
  if (isScalar(node) && node.range && node.value !== null)
    return { from: node.range[0], to: node.range[1], text: words };
  const [key = "", ...above] = path.toReversed();
  const map: unknown = above.length === 0 ? document.contents : document.getIn(above.toReversed(), true);
  if (node !== undefined) return undefined;
  const place = isMap(map) ? behindItem(map, text) : behindKey(document, text, above);
  return place && { from: place.at, to: place.at, text: `${place.indent}${key}: ${words}\n` };
};

const leavesOf = (
  wanted: WantedSettings,
  above: readonly string[] = [],
): (readonly [readonly string[], string | number | boolean])[] =>
  Object.entries(wanted).flatMap(([key, value]) =>
    typeof value === "object" ? leavesOf(value, [...above, key]) : [[[...above, key], value] as const],
  );

/** The settings put in by hand, as it were: nothing else of the text moves. Undefined where that does not give what is wanted. */
const spliced = (
  text: string,
  file: string,
  wanted: WantedSettings,
  result: Document,
): string | undefined => {
  const document = parse(text, file);
  const splices: Splice[] = [];
  const missing: Record<string, WantedSettings[string]> = {};
  for (const [path, value] of leavesOf(wanted)) {
    const [top = ""] = path;
    if (!document.has(top)) {
      missing[top] = wanted[top] ?? value;
      continue;
    }
    if (document.getIn(path) === value) continue;
    const splice = spliceFor(document, text, path, value);
    if (splice === undefined) return undefined;
    splices.push(splice);
  }
  // From the end: places before stay where they are. Of two at one place the first stands first.
  let out = text;
  for (const { from, to, text: words } of splices.toReversed().toSorted((a, b) => b.from - a.from))
    out = out.slice(0, from) + words + out.slice(to);
  if (Object.keys(missing).length > 0)
    out += `${out === "" || out.endsWith("\n") ? "" : "\n"}${stringify(missing)}`;
  const check: Document = parseDocument(out);
  const same = check.errors.length === 0 && isDeepStrictEqual(check.toJS(), result.toJS());
  return same ? out : undefined;
};

/**
 * The settings put into the text. Comments, order and all else stay; line breaks are those of the file.
 * @throws SwitchyardError config.invalid where the file is not valid, or a map that is needed is something else
 */
export const patchCliproxyapi = (text: string, file: string, wanted: WantedSettings): PatchedFile => {
  const document = parse(text, file);
  const changes: string[] = [];
  const put = (path: readonly string[], value: WantedSettings[string]): void => {
    const node: unknown = document.getIn(path, true);
    const name = path.join(".");
    if (typeof value === "object") {
      const isEmpty = node === undefined || (isScalar(node) && node.value === null);
      if (!isEmpty && !isMap(node)) {
        throw new SwitchyardError("config.invalid", {
          detail: `${file}: ${name} is no map (key: value)`,
          hint: "Nothing was changed.",
        });
      }
      // `routing:` with nothing behind it.
      if (isScalar(node)) document.setIn(path, document.createNode({}));
      for (const [key, below] of Object.entries(value)) put([...path, key], below);
      return;
    }
    const found: unknown = isScalar(node) ? node.value : document.getIn(path);
    if (found === value) return;
    changes.push(
      `${name}: ${found === undefined ? "not set" : JSON.stringify(found)} -> ${JSON.stringify(value)}`,
    );
    // In the node itself, so that the comment behind it stays.
    if (isScalar(node)) node.value = value;
    else document.setIn(path, value);
  };
  for (const [key, value] of Object.entries(wanted)) put([key], value);
  if (changes.length === 0) return { text, changes };
  const lines = text.replaceAll("\r\n", "\n");
  const written = spliced(lines, file, wanted, document) ?? document.toString({ lineWidth: 0 });
  return { text: lines === text ? written : written.replaceAll("\n", "\r\n"), changes };
};
