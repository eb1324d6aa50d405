/** What a check of `switchyard doctor` is. Each looks at one thing, changes nothing, and never throws. */
import type { Engine } from "../../engine/connect.ts";
import type { Environment } from "../../shared/paths.ts";
import type { Loaded } from "../configuration.ts";

export interface Finding {
  /** The check's name. */
  readonly about: string;
  /** `note`: it works, but the user should know; `bad`: something must be done. */
  readonly state: "ok" | "note" | "bad";
  readonly found: string;
  /** The remedy. */
  readonly todo?: string;
  /** A remedy that is safe to be carried out by `--fix`. */
  readonly fix?: Fix;
}

export interface Fix {
  /** What it does, in the infinitive without `to`: `remove the lock …`. */
  readonly what: string;
  readonly run: () => void | Promise<void>;
}

/** What a check finds; its name is added. */
export type Found = Omit<Finding, "about">;

/** What the checks look at. */
export interface Patient {
  readonly env: Environment;
  /** The folder that the client would work in. */
  readonly workspace: string;
  /** Providers may be asked, and names be looked up. */
  readonly online: boolean;
  /** Undefined where the configuration cannot be read. */
  readonly loaded: Loaded | undefined;
  /** Why it cannot be read. */
  readonly configProblem: unknown;
  /** Undefined where none answers. */
  readonly engine: Engine | undefined;
  readonly engineProblem: unknown;
  /** Free bytes of the disk that a folder lies on. */
  readonly freeBytes: (folder: string) => number;
  /** Settings of the client that stand above all others. */
  readonly managedSettings: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** As `process.version`: `v24.21.0`. */
  readonly nodeVersion: string;
}

export interface Check {
  /** As findings name it. */
  readonly name: string;
  /** What it looks at, for the help. */
  readonly about: string;
  /** It asks somebody outside of this machine. */
  readonly online?: true;
  readonly run: (patient: Patient) => readonly Found[] | Promise<readonly Found[]>;
}

export const ok = (found: string): Found => ({ state: "ok", found });
export const note = (found: string, todo?: string, fix?: Fix): Found => ({
  state: "note",
  found,
  ...(todo !== undefined && { todo }),
  ...(fix !== undefined && { fix }),
});
export const bad = (found: string, todo?: string, fix?: Fix): Found => ({
  ...note(found, todo, fix),
  state: "bad",
});
