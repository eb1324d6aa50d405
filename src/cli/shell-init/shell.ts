/** What a shell is to be told, whichever it is. */
import type { CompletedCommand, Values } from "./tree.ts";

export interface ShellInit {
  readonly tree: readonly CompletedCommand[];
  /** Full path of `switchyard`. */
  readonly program: string;
  /** Names of the two functions. */
  readonly cc: string;
  readonly ct: string;
}

/** The kinds of values that are asked of the CLI when they are needed. */
export const askedFor = (values: Values): values is { readonly kind: "profiles" | "names" } =>
  values.kind === "profiles" || values.kind === "names";

/** Said at the head of each, as comments. */
export const headOf = ({ cc, ct }: ShellInit): string[] => [
  `# ${cc}: Claude Code by Switchyard, ${cc} --model NAME on a profile or a target. ${ct}: a team, -l NAME for its leader, -t NAME or --model NAME for its teammates.`,
  ...(cc === "cc"
    ? [
        "# `cc` is the name of the C compiler as well: what you type reaches Claude Code now, makefiles and scripts still find the compiler (`command cc` does in a shell). Another name: --cc-name.",
      ]
    : []),
];

/** Options of Switchyard that the functions take before those of the client. */
export const functionOptions = {
  cc: { takesName: ["--model", "--profile"], alone: [] },
  ct: { takesName: ["-l", "--leader", "-t", "--teammate", "--model"], alone: ["--tmux", "--in-process"] },
} as const;

/** What `cc --model` is called by `switchyard claude`. */
export const ownName = (option: string, of: "cc" | "ct"): string =>
  of === "cc" && option === "--model" ? "--profile" : option;
