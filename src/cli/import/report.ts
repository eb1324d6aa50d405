/** What became of everything that a foreign configuration says. Nothing of it is left out: what no importer looked at is told as well. */
import { showPath, type Path } from "../../config/problems.ts";
import type { Tree } from "../../config/tree.ts";

/** `mapped`: means the same here; `changed`: is here, and means something else; `dropped`: is not here. */
export type Outcome = "mapped" | "changed" | "dropped";

export interface Finding {
  /** The source's file as the user named it. */
  readonly file: string;
  readonly line: number;
  /** The source's own key, as `Providers[0].api_key`. Values are never in it. */
  readonly key: string;
  readonly outcome: Outcome;
  /** Our key; empty where there is none. */
  readonly to: string;
  /** What is different, or why it is not taken over; empty where there is nothing to say. */
  readonly why: string;
}

const unknownKey = "not known to this importer";

/** In names of what an environment file says without effect. */
export const unreadLine = "line";
const isUnreadLine = new RegExp(`(?:^|\\()${unreadLine} \\d+\\)?$`);

export class Report {
  readonly #findings: Finding[] = [];
  readonly #roots: Part[] = [];
  readonly #covered = new Set<string>();
  readonly #opened = new Set<string>();
  readonly #inner: Part[] = [];

  /** The top of a file. */
  root(file: string, tree: Tree): Part {
    const part = new Part(this, file, tree, [], tree.at.line);
    this.#roots.push(part);
    return part;
  }

  /** @param covers what lies below needs no line of its own then */
  add(part: Part, outcome: Outcome, to: string, why: string, covers = true): void {
    if (covers) this.#covered.add(placeOf(part));
    this.#findings.push({
      file: part.file,
      line: part.line,
      key: shownKey(part.path),
      outcome,
      to,
      why,
    });
  }

  /** A file is not what the report is about. */
  forget(root: Part): void {
    const place = this.#roots.indexOf(root);
    if (place >= 0) this.#roots.splice(place, 1);
  }

  /** A text was read as the structure that it holds: that is told of, part by part, instead of the text. */
  opened(part: Part): void {
    this.#opened.add(placeOf(part));
    this.#inner.push(part);
  }

  isTold(part: Part): boolean {
    return this.#covered.has(placeOf(part));
  }

  /** Everything that was said, by file and line, with a line for each value that nobody spoke of. */
  findings(): readonly Finding[] {
    for (const root of this.#roots) this.#tellRest(root);
    for (const part of this.#inner)
      if (!this.isTold(part)) for (const below of part.children()) this.#tellRest(below);
    const order = new Map(this.#roots.map(({ file }, i) => [file, i]));
    return this.#findings.toSorted(
      (a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || a.line - b.line,
    );
  }

  #tellRest(part: Part): void {
    if (this.isTold(part) || this.#opened.has(placeOf(part))) return;
    const below = part.children();
    if (below.length > 0) for (const child of below) this.#tellRest(child);
    else if (part.path.length > 0)
      part.dropped(
        isUnreadLine.test(String(part.path.at(-1)))
          ? "no NAME=value, or the name stands again further down"
          : unknownKey,
      );
  }
}

/** A key of a file may itself be a secret, where somebody mistook the place. */
const shownKey = (path: Path): string =>
  showPath(path.map((part) => (typeof part === "string" && mayBeKey(part) ? "(looks like a key)" : part)));

const mayBeKey = (name: string): boolean =>
  // Names of models, variables and providers are long, too, and no secrets.
  /^(?:sk|pk|gsk|xai|AIza|key|tok)[-_][-_A-Za-z0-9]{16,}$/.test(name) || /^[A-Za-z0-9+=]{40,}$/.test(name);

const placeOf = ({ file, path }: Part): string => `${file}\n${JSON.stringify(path)}`;

/** A value of a foreign configuration, with its place. What is said of one holds for everything below it. */
export class Part {
  readonly #report: Report;
  readonly file: string;
  readonly tree: Tree;
  readonly path: Path;
  readonly line: number;

  constructor(report: Report, file: string, tree: Tree, path: Path, line: number) {
    this.#report = report;
    this.file = file;
    this.tree = tree;
    this.path = path;
    this.line = line;
  }

  at(...path: readonly (string | number)[]): Part | undefined {
    return path.reduce<Part | undefined>(
      (here, name) => here?.children().find((each) => each.path.at(-1) === name),
      this,
    );
  }

  /** Entries of a map or items of a list; none of a single value. */
  children(): Part[] {
    const { tree } = this;
    if (tree.kind === "map")
      return [...tree.entries].map(
        ([name, { keyAt, value }]) =>
          new Part(this.#report, this.file, value, [...this.path, name], keyAt.line),
      );
    if (tree.kind === "list")
      return tree.items.map(
        (item, i) => new Part(this.#report, this.file, item, [...this.path, i], item.at.line),
      );
    return [];
  }

  /** The items of a list; a single value counts as a list of itself. */
  items(): Part[] {
    return this.tree.kind === "list" ? this.children() : [this];
  }

  entries(): [string, Part][] {
    return this.tree.kind === "map"
      ? this.children().map((part) => [String(part.path.at(-1)), part] as [string, Part])
      : [];
  }

  /** A text or number as text, without surrounding spaces; undefined where it is neither, or empty. */
  get text(): string | undefined {
    const value = this.tree.kind === "scalar" ? this.tree.value : null;
    const text = value === null ? "" : String(value).trim();
    return text === "" ? undefined : text;
  }

  /** Also of a text, as environment files have it. */
  get number(): number | undefined {
    const text = this.text;
    return text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
  }

  /** Whether something was said of it already; of what is around it or in it does not count. */
  get isTold(): boolean {
    return this.#report.isTold(this);
  }

  get isTrue(): boolean {
    return /^(?:true|1|yes|on)$/i.test(this.text ?? "");
  }

  get isFalse(): boolean {
    return /^(?:false|0|no|off)$/i.test(this.text ?? "");
  }

  /** The structure that this text holds (JSON in a column), at this text's own place. */
  within(tree: Tree): Part {
    const moved = (node: Tree): Tree => {
      const at = this.tree.at;
      if (node.kind === "map")
        return {
          ...node,
          at,
          entries: new Map(
            [...node.entries].map(([name, { value }]) => [name, { keyAt: at, value: moved(value) }]),
          ),
        };
      return node.kind === "list" ? { ...node, at, items: node.items.map(moved) } : { ...node, at };
    };
    const part = new Part(this.#report, this.file, moved(tree), this.path, this.line);
    this.#report.opened(part);
    return part;
  }

  mapped(to: string, why = ""): void {
    this.#report.add(this, "mapped", to, why);
  }

  changed(to: string, why: string): void {
    this.#report.add(this, "changed", to, why);
  }

  /** Something else that is different here, besides what is said of this and of what lies below. */
  besides(to: string, why: string): void {
    this.#report.add(this, "changed", to, why, false);
  }

  dropped(why: string): void {
    this.#report.add(this, "dropped", "", why);
  }
}
