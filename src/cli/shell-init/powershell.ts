/** PowerShell: functions, and a completer that looks its words up in a table. */
import { functionOptions, headOf, ownName, type ShellInit } from "./shell.ts";
import type { Values } from "./tree.ts";

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (words: readonly string[]): string => `@(${words.map(quote).join(", ")})`;

const shortName = (name: string, command: string, of: "cc" | "ct"): string[] => {
  const { takesName, alone } = functionOptions[of];
  const renamed = takesName.filter((option) => ownName(option, of) !== option);
  return [
    `function ${name} {`,
    "  $own = @(); $i = 0",
    `  while ($i -lt $args.Count -and ${list([...takesName, ...alone])} -ccontains $args[$i]) {`,
    ...renamed.map(
      (option) => `    if ($args[$i] -ceq ${quote(option)}) { $args[$i] = ${quote(ownName(option, of))} }`,
    ),
    "    $own += $args[$i]",
    ...(alone.length > 0 ? [`    if (${list(alone)} -ccontains $args[$i]) { $i += 1; continue }`] : []),
    // PowerShell has made a list of `provider,model`.
    "    if ($i + 1 -lt $args.Count) { $own += ($args[$i + 1] -join ',') }",
    "    $i += 2",
    "  }",
    "  $rest = @(); if ($i -lt $args.Count) { $rest = @($args[$i..($args.Count - 1)]) }",
    `  switchyard ${command} @own '--' @rest`,
    "}",
  ];
};

/** `=profiles` is asked of the CLI; everything else stands as it is. */
const shown = (values: Values): string => {
  if (values.kind === "words") return list(values.words);
  return values.kind === "profiles" || values.kind === "names" ? list([`=${values.kind}`]) : list([]);
};

export const powershell = (init: ShellInit): string => {
  const { tree, program, cc, ct } = init;
  const words = tree.map(({ path, commands, options, values }) => {
    const own = [...commands.map(({ name }) => name), ...options.flatMap(({ flags }) => flags)];
    return `  ${quote(path)} = ${list(own)}${commands.length > 0 ? "" : ` + ${shown(values)}`}`;
  });
  const values = tree.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined ? [] : flags.map((flag) => `  ${quote(`${path} ${flag}`)} = ${shown(value)}`),
    ),
  );
  // A hashtable literal goes by letters in any case; options do not.
  const table = (name: string, rows: readonly string[]): string[] => [
    `$global:${name} = [System.Collections.Hashtable]::new([System.StringComparer]::Ordinal)`,
    ...rows.map((row) => {
      const [key = "", value = ""] = row.trim().split(" = ", 2);
      return `$global:${name}[${key}] = ${value}`;
    }),
  ];
  return [
    ...headOf(init),
    `function switchyard { & ${quote(program)} @args }`,
    ...shortName(cc, "claude", "cc"),
    ...shortName(ct, "team", "ct"),
    ...table("SwitchyardWords", words),
    ...table("SwitchyardValues", values),
    "$global:SwitchyardComplete = {",
    "  param($word, $ast, $cursor)",
    "  $line = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { $_.ToString() })",
    "  $at = ''; $before = $line[-1]",
    `  $short = @(${quote(cc)}, ${quote(ct)}) -ccontains $line[0]`,
    "  foreach ($each in $line | Select-Object -Skip 1) {",
    "    if ($each -ceq '--') { return }",
    '    $next = "$at $each".Trim()',
    "    if (-not $each.StartsWith('-') -and $global:SwitchyardWords.ContainsKey($next)) { $at = $next }",
    "  }",
    `  if ($short) { $found = if (${list(functionOptions.ct.takesName)} -ccontains $before) { @('=names') } else { ${list([...functionOptions.ct.takesName, ...functionOptions.ct.alone])} } }`,
    '  elseif ($global:SwitchyardValues.ContainsKey("$at $before")) { $found = $global:SwitchyardValues["$at $before"] }',
    "  else { $found = $global:SwitchyardWords[$at] }",
    "  $found | ForEach-Object { if ($_.StartsWith('=')) { switchyard complete $_.Substring(1) 2>$null | ForEach-Object { $_.Split(\"`t\")[0] } } else { $_ } } |",
    "    Where-Object { $_.StartsWith($word) } | ForEach-Object {",
    // A comma would make a list of it.
    "      $text = if ($_ -match '[,\\s;]') { \"'$_'\" } else { $_ }",
    "      [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)",
    "    }",
    "}",
    `Register-ArgumentCompleter -Native -CommandName ${list(["switchyard", cc, ct])} -ScriptBlock $global:SwitchyardComplete`,
    "",
  ].join("\n");
};
