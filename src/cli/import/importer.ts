/** What an importer of another tool's configuration is. */
import { parseTree } from "../../config/parse.ts";
import { Problems } from "../../config/problems.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./report.ts";

/** A file that was read. */
export interface SourceFile {
  /** As the user named it. */
  readonly shown: string;
  /** Full path. */
  readonly file: string;
  /** Its last part, by which files of one tool refer to each other. */
  readonly name: string;
  /** `env`: lines of NAME=value; `data`: JSON, JSON5 or YAML; `sql`: rows of tables, of a dump or a database. */
  readonly form: "env" | "data" | "sql";
  readonly part: Part;
}

export interface Importer {
  /** What `--from` calls it. */
  readonly kind: string;
  /** The tool's own name, for messages. */
  readonly title: string;
  /** Where its configuration lies, for the help. */
  readonly where: string;
  /** With it a client also asks Anthropic by its own login: the provider `anthropic` goes on forwarding that. */
  readonly keepsLogin?: true;
  /** The files that are this tool's, by their content; none: it is another tool's. */
  readonly detect: (files: readonly SourceFile[]) => readonly SourceFile[];
  /** Takes over what there is, and says of everything what became of it. */
  readonly read: (files: readonly SourceFile[], draft: Draft) => void;
}

/** The files whose top has a key of that name, with what is asked of its value. */
export const filesWith = (
  files: readonly SourceFile[],
  key: string,
  fits: (part: Part) => boolean = () => true,
): readonly SourceFile[] =>
  files.filter(({ part }) => {
    const found = part.at(key);
    return found !== undefined && fits(found);
  });

/** The JSON that a text holds (a column of a table), with the text's own place. What is no JSON is told, and undefined. */
export const jsonIn = (part: Part): Part | undefined => {
  const problems = new Problems();
  const tree = parseTree(part.text ?? "", part.file, problems);
  if (problems.count === 0) return part.within(tree);
  part.dropped("it is no JSON");
  return undefined;
};
