/** The names that turns are about, each kept once and known by a number. 0 is none. */
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Most that are remembered here, each way. */
const mostKnown = 20_000;

export class Names {
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #text: StatementSync;
  readonly #version: StatementSync;
  #ids = new Map<string, number>();
  #texts = new Map<number, string>();
  #seen: unknown;

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT id FROM names WHERE text = ?");
    this.#add = database.prepare("INSERT INTO names (text) VALUES (?) RETURNING id");
    this.#text = database.prepare("SELECT text FROM names WHERE id = ?");
    this.#version = database.prepare("PRAGMA data_version");
  }

  /** To be called in each transaction first: another router may have removed what is remembered here. */
  refresh(): void {
    const version = this.#version.get()?.["data_version"];
    if (version === this.#seen) return;
    this.#seen = version;
    this.forget();
  }

  forget(): void {
    this.#ids = new Map();
    this.#texts = new Map();
  }

  /** Inside a transaction that writes. */
  idOf(text: string | null): number {
    if (text === null) return 0;
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = Number((this.#find.get(text) ?? this.#add.get(text))?.["id"]);
    if (this.#ids.size >= mostKnown) this.#ids.clear();
    this.#ids.set(text, id);
    return id;
  }

  /** Without adding it. */
  knownId(text: string): number | undefined {
    const id = this.#find.get(text)?.["id"];
    return id === undefined ? undefined : Number(id);
  }

  textOf(id: unknown): string | null {
    const number = Number(id);
    if (number === 0) return null;
    const known = this.#texts.get(number);
    if (known !== undefined) return known;
    const text = this.#text.get(number)?.["text"];
    if (typeof text !== "string") return null;
    if (this.#texts.size >= mostKnown) this.#texts.clear();
    this.#texts.set(number, text);
    return text;
  }
}
