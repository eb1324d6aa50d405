/** fish: functions, and one `complete` for each word of the tree. */
import { askedFor, functionOptions, headOf, ownName, type ShellInit } from "./shell.ts";
import type { CompletedCommand, Values } from "./tree.ts";

const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;

const shortName = (name: string, command: string, of: "cc" | "ct"): string[] => {
  const { takesName, alone } = functionOptions[of];
  return [
    `function ${name}`,
    "  set -l own",
    "  while set -q argv[1]",
    "    switch $argv[1]",
    ...takesName.flatMap((option) => [
      `      case ${option}`,
      `        set -a own ${ownName(option, of)} $argv[2]`,
      "        set -e argv[1]; set -q argv[1]; and set -e argv[1]",
      ...(option.startsWith("--")
        ? [
            `      case '${option}=*'`,
            `        set -a own ${ownName(option, of)} (string replace -r '^[^=]*=' '' -- $argv[1])`,
            "        set -e argv[1]",
          ]
        : []),
    ]),
    ...alone.flatMap((option) => [
      `      case ${option}`,
      "        set -a own $argv[1]",
      "        set -e argv[1]",
    ]),
    "      case --",
    "        set -e argv[1]",
    "        break",
    "      case '*'",
    "        break",
    "    end",
    "  end",
    `  switchyard ${command} $own -- $argv`,
    "end",
  ];
};

/** What follows an option or stands as an argument. */
const given = (values: Values): string => {
  if (askedFor(values)) return `-x -a '(switchyard complete ${values.kind} 2>/dev/null)'`;
  if (values.kind === "words") return `-x -a ${quote(values.words.join(" "))}`;
  return values.kind === "folders" ? "-x -a '(__fish_complete_directories)'" : "-r -F";
};

const linesOf = ({ path, commands, options, values }: CompletedCommand): string[] => {
  const at = `complete -c switchyard -n ${quote(`__switchyard_at ${quote(path)}`)}`;
  return [
    ...commands.map(({ name, about }) => `${at} -f -a ${quote(name)} -d ${quote(about)}`),
    ...options.map(({ flags, about, value }) =>
      [
        at,
        ...flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
        ...(value === undefined ? [] : [given(value)]),
        `-d ${quote(about)}`,
      ].join(" "),
    ),
    ...(commands.length > 0 || values.kind === "any"
      ? []
      : [`${at} ${given(values).replace("-r -F", "-F").replace(/^-x/, "-f")}`]),
  ];
};

export const fish = (init: ShellInit): string => {
  const { tree, program, cc, ct } = init;
  const places = tree.flatMap(({ path, commands }) => commands.map(({ name }) => quote(`${path}/${name}`)));
  return [
    ...headOf(init),
    `function switchyard; ${quote(program)} $argv; end`,
    ...shortName(cc, "claude", "cc"),
    ...shortName(ct, "team", "ct"),
    "function __switchyard_at",
    "  set -l at ''",
    "  for word in (commandline -opc)[2..-1]",
    "    switch $word",
    "      case --",
    "        return 1",
    "      case '-*'",
    "        continue",
    "    end",
    '    switch "$at/$word"',
    `      case ${places.join(" ")}`,
    '        set at (string trim "$at $word")',
    "    end",
    "  end",
    '  test "$at" = "$argv[1]"',
    "end",
    "complete -e -c switchyard",
    // Files are offered where one is asked for alone.
    "complete -c switchyard -n 'not contains -- -- (commandline -opc)' -f",
    ...tree.flatMap(linesOf),
    ...[cc, ct].flatMap((name, i) => {
      const { takesName, alone } = functionOptions[i === 0 ? "cc" : "ct"];
      return [...takesName, ...alone].map((option) =>
        [
          `complete -c ${name}`,
          option.startsWith("--") ? `-l ${option.slice(2)}` : `-s ${option.slice(1)}`,
          ...(takesName.some((each) => each === option) ? [given({ kind: "names" })] : []),
        ].join(" "),
      );
    }),
    "",
  ].join("\n");
};
