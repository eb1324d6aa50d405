/** Variables and an alias in the words of each shell. */
import { quoteWord } from "../../fuse/shell-start.ts";
import type { Variables } from "./client.ts";

export interface Lines {
  readonly variables: Variables;
  /** The command that gets arguments, and these. */
  readonly command: string;
  readonly args: readonly string[];
}

const fishWord = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
const powershellWord = (text: string): string => `'${text.replaceAll("'", "''")}'`;

interface Words {
  readonly set: (name: string, value: string) => string;
  readonly unset: (name: string) => string;
  readonly alias: (command: string, args: readonly string[]) => string;
}

const shells = {
  sh: {
    set: (name, value) => `export ${name}=${quoteWord(value)}`,
    unset: (name) => `unset ${name}`,
    alias: (command, args) => `alias ${command}=${quoteWord([command, ...args.map(quoteWord)].join(" "))}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} ${fishWord(value)}`,
    unset: (name) => `set -e ${name}`,
    alias: (command, args) => `alias ${command} ${fishWord([command, ...args.map(fishWord)].join(" "))}`,
  },
  powershell: {
    set: (name, value) => `$env:${name} = ${powershellWord(value)}`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
    alias: (command, args) =>
      `function ${command} { & (Get-Command -CommandType Application ${command})[0] ${args.map(powershellWord).join(" ")} @args }`,
  },
} satisfies Record<string, Words>;

const shellNames = Object.keys(shells) as (keyof typeof shells)[];

export const formats = [...shellNames, "json"] as const;
export type Format = (typeof formats)[number];

/** The text for `eval`, or JSON: `{variables, arguments}`. */
export const shown = (format: Format, { variables, command, args }: Lines): string => {
  if (format === "json") return JSON.stringify({ variables, arguments: args }, null, 2);
  const { set, unset, alias }: Words = shells[format];
  return [
    ...Object.entries(variables).map(([name, value]) => (value === null ? unset(name) : set(name, value))),
    ...(args.length === 0 ? [] : [alias(command, args)]),
  ].join("\n");
};
