/**
 * Codex CLI: a provider of its `config.toml` (developers.openai.com/codex/config-reference; tried with 0.169.0, which reads no address from its
 * environment). What is written stands between marks, so that all else, comments too, stays byte for byte.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Client, Connection } from "./client.ts";

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
  for (const line of lines) {
    if (line === begin) inside = true;
    else if (inside) inside = line !== end;
    else kept.push(line.startsWith(aside) ? line.slice(aside.length) : line);
  }
  return kept.join("\n");
};

const put = (text: string | undefined, connection: Connection): string => {
  const own = cleaned(text ?? "");
  if (/^\s*\[\s*model_providers\s*\.\s*["']?switchyard["']?\s*[\].]/m.test(own))
    throw new SwitchyardError("persist.refused", {
      detail: "config.toml has a provider [model_providers.switchyard] of your own",
    });
  const lines = own.split("\n");
  const tables = lines.findIndex((line) => /^\s*\[/.test(line));
  const top = tables < 0 ? lines : lines.slice(0, tables);
  const moved = top.map((line) => (/^\s*model_provider\s*=/.test(line) ? aside + line : line));
  const whole = [...moved, ...lines.slice(top.length)].join("\n");
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
