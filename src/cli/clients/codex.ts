/**
 * Codex CLI: a provider of its `config.toml` (developers.openai.com/codex/config-reference; tried with 0.169.0, which reads no address from its
 * environment). What is written stands between marks, so that all else, comments too, stays byte for byte.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Client, Connection } from "./client.ts";
import { statementsOf } from "./toml-lines.ts";

const begin = "# >>> switchyard >>> (taken out by: switchyard unpersist codex)";
const end = "# <<< switchyard <<<";
/** Before a line of the user's that must not count meanwhile: TOML takes a key once. */
const aside = "# switchyard put aside: ";
const keyName = "SWITCHYARD_CODEX_KEY";

/** A basic string of TOML: JSON's escapes are among its own. */
const quoted = (text: string): string => JSON.stringify(text);

const fields = ({ baseUrl }: Connection): [string, string][] => [
  ["name", quoted("Switchyard")],
  ["base_url", quoted(`${baseUrl}/v1`)],
  ["wire_api", quoted("responses")],
];

const block = (lines: readonly string[]): string => [begin, ...lines, end, ""].join("\n");

/** Without our blocks, and with the lines that were put aside. */
const cleaned = (text: string): string => {
  const lines = text.split("\n");
  const kept: string[] = [];
  let inside = false;
  for (const [index, line] of lines.entries()) {
    // One whose end is gone is no block of ours any more: nothing behind it is to be lost.
    if (line === begin && lines.slice(index + 1).find((each) => each === begin || each === end) === end)
      inside = true;
    else if (inside) inside = line !== end;
    else kept.push(line.startsWith(aside) ? line.slice(aside.length) : line);
  }
  return kept.join("\n");
};

const refused = (detail: string): SwitchyardError =>
  new SwitchyardError("persist.refused", { detail: `config.toml ${detail}` });

/** The user's text with the provider's name put aside. @throws SwitchyardError persist.refused: what would come of it would be no TOML */
const readied = (own: string): string => {
  const { starts, whole } = statementsOf(own);
  if (!whole || own.startsWith("\uFEFF"))
    throw refused(whole ? "begins with a byte order mark" : "is no valid TOML: a string or bracket is open");
  if (own.includes(begin)) throw refused(`has "${begin}" without its end`);
  const lines = own.split("\n");
  const says = (pattern: RegExp) => (line: string, index: number) => starts.has(index) && pattern.test(line);
  if (lines.some(says(/^\s*(?:\[\s*)?["']?model_providers["']?\s*\.\s*["']?switchyard["']?\s*[\].=]/)))
    throw refused("has a provider [model_providers.switchyard] of your own");
  if (lines.some(says(/^\s*["']?model_providers["']?\s*=/)))
    throw refused("has model_providers in braces, to which nothing can be added: write them as tables");
  const tables = lines.findIndex(says(/^\s*\[/));
  const provider = says(/^\s*["']?model_provider["']?\s*=/);
  return lines
    .map((line, index) => ((tables < 0 || index < tables) && provider(line, index) ? aside + line : line))
    .join("\n");
};

const put = (text: string | undefined, connection: Connection): string => {
  const whole = readied(cleaned(text ?? ""));
  const table = [...fields(connection)];
  if (connection.needsKey) table.push(["http_headers", `{ "x-switchyard-key" = ${quoted(connection.key)} }`]);
  return [
    block(['model_provider = "switchyard"']),
    whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`,
    block(["[model_providers.switchyard]", ...table.map(([name, value]) => `${name} = ${value}`)]),
  ].join("");
};

export const codex: Client = {
  name: "codex",
  title: "Codex CLI",
  variables: ({ key, needsKey }) => (needsKey ? { [keyName]: key } : {}),
  arguments: (connection) => {
    const table = [...fields(connection)];
    if (connection.needsKey) table.push(["env_key", quoted(keyName)]);
    const inline = table.map(([name, value]) => `${name}=${value}`).join(",");
    return ["-c", 'model_provider="switchyard"', "-c", `model_providers.switchyard={${inline}}`];
  },
  settings: {
    file: (env) => join(env["CODEX_HOME"] || join(env["HOME"] ?? homedir(), ".codex"), "config.toml"),
    put,
    take: (text) => cleaned(text),
    note: "Sessions that run keep what they began with. A `profile` of config.toml with a model_provider of its own goes before.",
  },
};
