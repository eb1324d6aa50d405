/** Texts of other tools in our form: references to variables, names, samples of keys. */

import type { Tree } from "../../config/tree.ts";

const reference =
  /^(?:\$\{?([A-Za-z_]\w*)\}?|\$\{([A-Za-z_]\w*):-\}|os\.environ\/(\w+)|process\.env\.(\w+)|\{env:(\w+)\})$/;

/** The variable that a text consists of, as `$NAME`, `${NAME}`, `os.environ/NAME`. */
export const variableIn = (text: string): string | undefined =>
  reference
    .exec(text.trim())
    ?.slice(1)
    .find((name) => name !== undefined);

/** Every variable that a file refers to, in whichever of those forms. */
export const variablesNamed = (tree: Tree): string[] => {
  if (tree.kind === "map") return [...tree.entries.values()].flatMap(({ value }) => variablesNamed(value));
  if (tree.kind === "list") return tree.items.flatMap(variablesNamed);
  if (typeof tree.value !== "string") return [];
  const found = tree.value.matchAll(/(?:\$\{?|os\.environ\/|process\.env\.|\{env:)([A-Za-z_]\w*)/g);
  return [...found].map(([, name = ""]) => name);
};

/** A text in which `$NAME` and `${NAME}` are variables, as ours. */
export const interpolated = (text: string): string =>
  text.replaceAll(
    /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g,
    (_, braced?: string, bare?: string) => `\${${braced ?? bare ?? ""}}`,
  );

/** Every `${` written so that it stays one. (In the second text of `replaceAll` two dollar signs would be one.) */
export const withoutVariables = (text: string): string => text.replaceAll("${", () => "$${");

/** A text that is to stand as it is, though it may have `${` in it. References that are whole texts stay references. */
export const escaped = (text: string): string => {
  const variable = variableIn(text);
  return variable === undefined ? withoutVariables(text) : `\${${variable}}`;
};

/** What samples have in the place of a key. */
export const isPlaceholder = (value: string): boolean => {
  const text = value.trim();
  return (
    text === "" ||
    /^(?:sk-)?(?:x{3,}|\.{3}|\*{3,}|dummy|none|null|empty|test|placeholder|changeme|ollama|lm-?studio|not-needed)$/i.test(
      text,
    ) ||
    /^(?:sk-)?(?:or-|ant-)?(?:v1-)?\.{3}$/i.test(text) ||
    /^(?:sk-)?<.*>$/.test(text) ||
    /(?:^|[-_])(?:your|my)[-_](?:[\w-]*[-_])?(?:key|token|secret)(?:[-_](?:goes|here|\d{1,2}))*$/i.test(
      text,
    ) ||
    /^sk-(?:[a-z]+-)?x{3,}$/i.test(text)
  );
};

/** What is said of a key besides where it goes. */
export const keyNote = (value: string | undefined): string =>
  value === undefined || value.trim() === ""
    ? "it is empty"
    : variableIn(value) !== undefined
      ? "the same variable"
      : isPlaceholder(value)
        ? "it looks like a sample"
        : "its value goes to the keys' file";

/** The row of a table under a name from a file; undefined for names that only every object has (`constructor`). */
export const rowOf = <Row>(table: Readonly<Record<string, Row>>, name: string): Row | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** A name of letters, digits, `.`, `-` and `_`, as providers, rules and profiles have them. */
export const slug = (name: string, otherwise: string): string => {
  const text = name
    .trim()
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
  return text === "" ? otherwise : text.slice(0, 40);
};

/** `my-provider` as `MY_PROVIDER_API_KEY`. */
export const variableNameOf = (name: string, ending = "_API_KEY"): string => {
  const text = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  return `${/^\d/.test(text) || text === "" ? `KEY_${text}` : text}${ending}`;
};

/** The host's telling part: `api.example.com` is `example`. */
export const hostWord = (url: string): string => {
  const host = URL.parse(url)?.hostname ?? "";
  if (/^[\d.]+$|^localhost$/.test(host))
    return host === "localhost" || host === "127.0.0.1" ? "local" : slug(host, "provider");
  return host.split(".").at(-2) ?? slug(host, "provider");
};

/** Whether an address is one of a proxy that is known here: SOCKS is not. */
export const isHttpProxy = (url: string): boolean =>
  /^https?:\/\//i.test(url) || variableIn(url) !== undefined;

export const noSocks = "a proxy is http:// or https:// here";
