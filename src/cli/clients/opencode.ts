/** opencode: a provider of its configuration (opencode.ai/docs/config, /providers; tried with 1.18.33), in its environment or its file. */
import { homedir } from "node:os";
import { join } from "node:path";
import { targetName, type Target } from "../../config/types.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Client, Connection } from "./client.ts";
import { putValues, takeValues } from "./json-settings.ts";

const title = "opencode";
const keyName = "SWITCHYARD_OPENCODE_KEY";

/** Targets that can be asked, by the names of which opencode is to know: it lists no model that it was not told. */
const modelsOf = ({ config, profile }: Connection): JsonObject => {
  const asked = (target: Target): boolean =>
    target.model !== "*" && config.providers.get(target.provider)?.disabled === undefined;
  const targets = Object.values((profile ?? config).routes).flatMap(({ use }) => use.filter(asked));
  const names = [...new Set(targets.map(targetName))];
  return {
    auto: { name: "Switchyard: as its routes say" },
    ...Object.fromEntries(names.map((name) => [name, { name }])),
  };
};

const configuration = (connection: Connection, key: string): JsonObject => ({
  provider: {
    switchyard: {
      npm: "@ai-sdk/openai-compatible",
      name: "Switchyard",
      options: { baseURL: `${connection.baseUrl}/v1`, apiKey: key },
      models: modelsOf(connection),
    },
  },
  model: "switchyard/auto",
  small_model: "switchyard/auto",
});

export const opencode: Client = {
  name: "opencode",
  title,
  variables: (connection) => ({
    OPENCODE_CONFIG_CONTENT: JSON.stringify(configuration(connection, `{env:${keyName}}`)),
    [keyName]: connection.key,
  }),
  settings: {
    file: (env) =>
      join(env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? homedir(), ".config"), "opencode", "opencode.json"),
    put: (text, connection) => putValues(text, configuration(connection, connection.key), title),
    take: (text, before, after) => takeValues(text, before, after, title),
    note: "An opencode.jsonc beside it, and the opencode.json of a project, go before it.",
  },
};
