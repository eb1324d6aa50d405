/** Claude Code: its variables, and the same under `env` of its user settings (observed with 2.1.329; code.claude.com/docs/en/settings). */
import { homedir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../shared/json.ts";
import type { Client, Connection, Variables } from "./client.ts";
import { putValues, takeValues } from "./json-settings.ts";

const title = "Claude Code";

const variables = ({ baseUrl, key, needsKey, passthrough, profile }: Connection): Variables => ({
  ANTHROPIC_BASE_URL: baseUrl,
  ...(passthrough
    ? {
        ...(needsKey && { ANTHROPIC_CUSTOM_HEADERS: `x-switchyard-key: ${key}` }),
        ANTHROPIC_AUTH_TOKEN: null,
      }
    : // With both the client would send both.
      { ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_API_KEY: null }),
  // `/model` then lists the router's targets.
  CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1",
  ...profile?.clientEnv,
});

export const claude: Client = {
  name: "claude",
  title,
  variables,
  settings: {
    file: (env) => {
      const own = env["CLAUDE_CONFIG_DIR"];
      return join(
        own === undefined || own === "" ? join(env["HOME"] ?? homedir(), ".claude") : own,
        "settings.json",
      );
    },
    put: (text, connection) => {
      const values = Object.entries(variables(connection)).map(([name, value]) => [name, value ?? undefined]);
      return putValues(text, { env: Object.fromEntries(values) as JsonObject }, title);
    },
    take: (text, before, after) => takeValues(text, before, after, title),
    note: "Sessions that run follow with their next message.",
  },
};
