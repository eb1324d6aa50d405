/** `${VAR}` and `${VAR:-default}` in strings; `$${` is a literal `${`. */

const reference = /\$?\$\{([^}]*)\}?/g;
const wellFormed = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([^$]*))?$/;

export interface Reference {
  readonly name: string;
  readonly fallback: string | undefined;
}

export interface Resolved {
  /** The text with every variable in its place; unset ones without a default become nothing. */
  readonly text: string;
  readonly references: readonly Reference[];
  /** Names that are unset and have no default. */
  readonly unset: readonly string[];
  /** Values that came out of variables. */
  readonly values: readonly string[];
  /** There is a `${` that is no reference. Its text is not kept: it may be anything. */
  readonly malformed: boolean;
}

/** Whether a text refers to a variable at all. */
export const hasReference = (text: string): boolean => text.includes("${");

/** Resolves every reference of a text. As in a shell, `:-` also takes the default where the variable is empty. */
export const resolveVariables = (text: string, lookup: (name: string) => string | undefined): Resolved => {
  const references: Reference[] = [];
  const unset: string[] = [];
  const values: string[] = [];
  let malformed = false;
  const out = text.replaceAll(reference, (whole: string, inside: string) => {
    if (whole.startsWith("$$")) return whole.slice(1);
    const parts = whole.endsWith("}") ? wellFormed.exec(inside) : null;
    const name = parts?.[1];
    if (name === undefined) {
      malformed = true;
      return "";
    }
    const fallback = parts?.[2];
    references.push({ name, fallback });
    const value = lookup(name);
    if (fallback !== undefined && (value === undefined || value === "")) return fallback;
    if (value === undefined) {
      unset.push(name);
      return "";
    }
    if (value !== "") values.push(value);
    return value;
  });
  return { text: out, references, unset, values, malformed };
};
