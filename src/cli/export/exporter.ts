/** What an exporter to another tool's configuration is. */
import type { ConfigSource } from "../../config/source.ts";
import type { Config } from "../../config/types.ts";

/** What becomes of a key of ours in the other tool. */
export interface Note {
  readonly key: string;
  readonly outcome: "mapped" | "changed" | "dropped";
  /** The other tool's key; empty where there is none. */
  readonly to: string;
  readonly why: string;
}

export interface Exported {
  /** The file's text, with keys as references to variables. */
  readonly text: string;
  readonly notes: readonly Note[];
}

export interface Exporter {
  readonly name: string;
  readonly title: string;
  /** The usual name of the file. */
  readonly file: string;
  readonly make: (config: Config, source: ConfigSource) => Exported;
}
