/** Sections of ccs's configuration without a counterpart, each with the reason. */
import type { Part } from "../report.ts";

const rows: Readonly<Record<string, string>> = {
  version: "the version of its file",
  setup_completed: "its own note",
  accounts: "accounts of the client live in its own folders (CLAUDE_CONFIG_DIR)",
  preferences: "its own page and updates",
  logging: "see `log` and docs/observability.md",
  global_env: "settings of the client itself: they stay in the client's own settings",
  continuity: "folders of the client are the client's",
  copilot: "Copilot's login is not known here",
  cursor: "Cursor's login is not known here",
  cliproxy_server: "CLIProxyAPI is a provider here: preset cliproxyapi, with its baseUrl",
  proxy: "the router takes the place of its proxy: server.port",
  quota_management: "a used-up quota goes on at the next key; quotas of accounts are CLIProxyAPI's",
  thinking: "how much is thought is the client's effort (a profile's effort)",
  channels: "channels are the client's",
  dashboard_auth: "the dashboard opens with the token of `switchyard admin token`",
  browser: "tools of the client are the client's",
  image_analysis: "images go to routes.image",
};

export const tellRest = (top: Part): void => {
  for (const [name, part] of top.entries()) {
    const why = Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (why !== undefined) part.dropped(why);
  }
};
