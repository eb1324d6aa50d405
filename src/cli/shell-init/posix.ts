/** bash and zsh: they have functions in common, and each a completion of its own. */
import { quoteWord } from "../../fuse/shell-start.ts";
import { askedFor, functionOptions, headOf, ownName, type ShellInit } from "./shell.ts";
import type { CompletedCommand, Values } from "./tree.ts";

/** A function that takes its own options, and gives the rest to the client. */
const shortName = (name: string, command: string, of: "cc" | "ct"): string[] => {
  const { takesName, alone } = functionOptions[of];
  return [
    `${name}() {`,
    "  local -a sy_own",
    "  sy_own=()",
    "  while [ $# -gt 0 ]; do",
    '    case "$1" in',
    ...takesName.flatMap((option) => [
      `      ${option}) sy_own+=(${ownName(option, of)} \${2+"$2"}); shift; [ $# -gt 0 ] && shift ;;`,
      ...(option.startsWith("--")
        ? [`      ${option}=*) sy_own+=(${ownName(option, of)} "\${1#*=}"); shift ;;`]
        : []),
    ]),
    ...alone.map((option) => `      ${option}) sy_own+=("$1"); shift ;;`),
    "      --) shift; break ;;",
    "      *) break ;;",
    "    esac",
    "  done",
    // bash 3 (macOS) takes an empty list for an unset one.
    `  switchyard ${command} \${sy_own[@]+"\${sy_own[@]}"} -- "$@"`,
    "}",
  ];
};

const functions = (init: ShellInit): string[] => [
  ...headOf(init),
  // A function of an earlier time must not be found for itself.
  `switchyard() { ${quoteWord(init.program)} "$@"; }`,
  `unalias ${init.cc} ${init.ct} 2>/dev/null`,
  ...shortName(init.cc, "claude", "cc"),
  ...shortName(init.ct, "team", "ct"),
];

type Row = readonly [string, string];

/** `case` lines: the key of a place, and what is done there. */
const cases = (rows: readonly Row[]): string[] =>
  rows.map(([key, what]) => `    ${quoteWord(key)}) ${what} ;;`);

const wordsBelow = (tree: readonly CompletedCommand[]): string[] =>
  tree
    .filter(({ commands }) => commands.length > 0)
    .flatMap(({ path, commands }) => commands.map(({ name }) => `${path}/${name}`));

const rowsOf = (tree: readonly CompletedCommand[], show: (values: Values) => string): Row[] =>
  tree.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => [`${path} ${flag}`, show(value)] as const),
    ),
  );

interface Completer {
  readonly tree: readonly CompletedCommand[];
  /** Sets `sy_cur`, the word that is completed, and `sy_prev`. */
  readonly before: readonly string[];
  /** The words between the program and the one that is completed. */
  readonly words: string;
  readonly files: string;
  readonly show: (values: Values) => string;
  /** What is offered at each command. */
  readonly offered: readonly Row[];
}

/** The function that completes a line: finds the command that its words name, in `sy_at`; `sy_end` is set behind `--`. */
const completer = ({ tree, before, words, files, show, offered }: Completer): string[] => [
  "_switchyard() {",
  ...before,
  "  local sy_at= sy_end= sy_word",
  `  for sy_word in ${words}; do`,
  '    case "$sy_word" in --) sy_end=1; break ;; -*) continue ;; esac',
  '    case "$sy_at/$sy_word" in',
  `      ${wordsBelow(tree).map(quoteWord).join("|")}) sy_at="\${sy_at:+$sy_at }$sy_word" ;;`,
  "    esac",
  "  done",
  `  if [ -n "$sy_end" ]; then ${files}; return; fi`,
  '  case "$sy_at $sy_prev" in',
  ...cases(rowsOf(tree, show).map(([key, what]) => [key, `${what}; return`])),
  "  esac",
  '  case "$sy_at" in',
  ...cases(offered),
  "  esac",
  "}",
];

const bashValues = (values: Values): string => {
  if (askedFor(values))
    return `_switchyard_reply "$(switchyard complete ${values.kind} 2>/dev/null | cut -f1)"`;
  if (values.kind === "words") return `_switchyard_reply ${quoteWord(values.words.join("\n"))}`;
  if (values.kind === "folders") return 'COMPREPLY=($(compgen -d -- "$sy_cur"))';
  return 'COMPREPLY=($(compgen -f -- "$sy_cur"))';
};

export const bash = (init: ShellInit): string => {
  const { tree, cc, ct } = init;
  const offered = tree.map(({ path, commands, options, values }): Row => {
    const words = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    const flags = `_switchyard_reply ${quoteWord(words.join("\n"))}`;
    if (commands.length > 0 || values.kind === "any") return [path, flags];
    return [path, `case "$sy_cur" in -*) ${flags} ;; *) ${bashValues(values)} ;; esac`];
  });
  return [
    ...functions(init),
    "_switchyard_reply() {",
    // Words of the line end at a colon for bash: what stands before it is on the line already.
    '  local sy_line sy_before=${sy_cur%"${sy_cur##*:}"}',
    "  while IFS= read -r sy_line; do",
    '    case "$sy_line" in "$sy_cur"*) [ -n "$sy_line" ] && COMPREPLY+=("${sy_line#"$sy_before"}") ;; esac',
    "  done <<EOT",
    "$1",
    "EOT",
    "}",
    ...completer({
      tree,
      before: [
        "  COMPREPLY=()",
        "  local sy_cur=${COMP_LINE:0:COMP_POINT}",
        "  sy_cur=${sy_cur##*[[:space:]]}",
        "  local sy_words=${COMP_LINE:0:COMP_POINT}",
        '  sy_words=${sy_words%"$sy_cur"}',
        "  local -a sy_list",
        '  read -r -a sy_list <<<"$sy_words"',
        '  local sy_prev="${sy_list[${#sy_list[@]}-1]}"',
      ],
      words: '"${sy_list[@]:1}"',
      files: 'COMPREPLY=($(compgen -f -- "$sy_cur"))',
      show: bashValues,
      offered,
    }),
    "_switchyard_short() {",
    "  COMPREPLY=()",
    "  local sy_cur=${COMP_LINE:0:COMP_POINT}",
    "  sy_cur=${sy_cur##*[[:space:]]}",
    '  case "$3" in',
    `    ${functionOptions.ct.takesName.join("|")}) ${bashValues({ kind: "names" })} ;;`,
    `    *) case "$sy_cur" in -*) _switchyard_reply ${quoteWord(["-l", "-t", "--model", "--tmux", "--in-process"].join("\n"))} ;; *) COMPREPLY=($(compgen -f -- "$sy_cur")) ;; esac ;;`,
    "  esac",
    "}",
    "complete -o filenames -F _switchyard switchyard",
    `complete -o filenames -F _switchyard_short ${cc} ${ct}`,
    "",
  ].join("\n");
};

/** `word:about`, as zsh's `_describe` takes it. */
const described = (word: string, about: string): string =>
  quoteWord(`${word.replaceAll(":", "\\:")}:${about}`);

const zshValues = (values: Values): string => {
  if (askedFor(values))
    return `local -a sy_names; sy_names=("\${(@f)$(switchyard complete ${values.kind} 2>/dev/null | sed -e 's/:/\\\\:/g' -e $'s/\\t/:/')}"); _describe -t profiles profile sy_names`;
  if (values.kind === "words") return `compadd -- ${values.words.map(quoteWord).join(" ")}`;
  return values.kind === "folders" ? "_files -/" : "_files";
};

export const zsh = (init: ShellInit): string => {
  const { tree, cc, ct } = init;
  const offered = tree.map(({ path, commands, options, values }): Row => {
    const flags = options.flatMap(({ flags: all, about }) => all.map((flag) => described(flag, about)));
    const list = (what: readonly string[]): string =>
      `sy_list=(${what.join(" ")}); _describe -t commands command sy_list`;
    const words = commands.map(({ name, about }) => described(name, about));
    const rest = words.length > 0 ? list(words) : values.kind === "any" ? list(flags) : zshValues(values);
    return [path, `if [[ "$sy_cur" == -* ]]; then ${list(flags)}; else ${rest}; fi`];
  });
  return [
    ...functions(init),
    ...completer({
      tree,
      before: ['  local sy_cur="${words[CURRENT]}" sy_prev="${words[CURRENT-1]}"', "  local -a sy_list"],
      words: '"${(@)words[2,CURRENT-1]}"',
      files: "_files",
      show: zshValues,
      offered,
    }),
    "_switchyard_short() {",
    '  case "${words[CURRENT-1]}" in',
    `    ${functionOptions.ct.takesName.join("|")}) ${zshValues({ kind: "names" })} ;;`,
    '    *) if [[ "${words[CURRENT]}" == -* ]]; then compadd -- -l -t --model --tmux --in-process; else _files; fi ;;',
    "  esac",
    "}",
    "if ! whence compdef >/dev/null; then autoload -Uz compinit && compinit; fi",
    "compdef _switchyard switchyard",
    `compdef _switchyard_short ${cc} ${ct}`,
    "",
  ].join("\n");
};
