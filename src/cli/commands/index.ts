/** The list of commands, in the order of the help. A new one is a file beside this and a line here. */
import type { CommandEntry } from "./command.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "init",
    summary: "write your configuration: few questions, each key tested with one small call",
    load: () => import("./init.ts"),
  },
  {
    name: "shell",
    summary: "open a shell, or run one command, with Claude Code on the models of your configuration",
    load: () => import("./shell.ts"),
  },
  {
    name: "claude",
    summary: "run Claude Code on a profile, beside others on theirs",
    load: () => import("./claude.ts"),
  },
  {
    name: "team",
    summary: "run a leader and its teammates, each on a profile of their own",
    load: () => import("./team.ts"),
  },
  {
    name: "up",
    summary: "start client, router and LiteLLM as services, and wait until they are healthy",
    load: () => import("./up.ts"),
  },
  {
    name: "switch",
    summary: "have the running client ask router, litellm, another service or a URL",
    load: () => import("./switch.ts"),
  },
  {
    name: "down",
    summary: "end the services and the fused shells of this project; volumes stay",
    load: () => import("./down.ts"),
  },
  {
    name: "clean",
    summary: "as down, and delete volumes and generated files too; asks before",
    load: () => import("./clean.ts"),
  },
  {
    name: "reload",
    summary: "have every router that runs take the changed configuration; answers under way finish",
    load: () => import("./reload.ts"),
  },
  {
    name: "use",
    summary: "choose the profile that serves what is asked without one, at once",
    load: () => import("./use.ts"),
  },
  {
    name: "profiles",
    summary: "list your profiles, and show one",
    load: () => import("./profiles.ts"),
  },
  {
    name: "env",
    summary: "print what to export for Claude Code, Codex, opencode or OpenAI's SDKs on this machine",
    load: () => import("./env.ts"),
  },
  {
    name: "persist",
    summary: "write the router into the settings of a client on this machine",
    load: () => import("./persist.ts"),
  },
  {
    name: "unpersist",
    summary: "take it out again: the settings are what they were",
    load: () => import("./unpersist.ts"),
  },
  { name: "ps", summary: "list the containers of this project", load: () => import("./ps.ts") },
  { name: "router", summary: "run the router alone, in the foreground", load: () => import("./router.ts") },
  {
    name: "route",
    summary: "say which rule would decide a saved request, and why",
    load: () => import("./route.ts"),
  },
  {
    name: "models",
    summary: "list your models with their prices, take prices from a public list, or fetch one into Ollama",
    load: () => import("./models.ts"),
  },
  {
    name: "usage",
    summary: "add up turns, tokens and dollars by model, day, session, client key or rule",
    load: () => import("./usage.ts"),
  },
  {
    name: "statusline",
    summary: "print target, cost, cache share and budget of a session, for Claude Code's status line",
    load: () => import("./statusline.ts"),
  },
  {
    name: "compose",
    summary: "write the compose files of this configuration, or check the committed ones",
    load: () => import("./compose.ts"),
  },
  {
    name: "status",
    summary: "say what runs, and which target the client asks",
    load: () => import("./status.ts"),
  },
  {
    name: "cooldown",
    summary: "ask providers, keys and models that rest again at once (cooldown clear)",
    load: () => import("./cooldown.ts"),
  },
  { name: "logs", summary: "show what all services said, by time", load: () => import("./logs.ts") },
  {
    name: "doctor",
    summary: "look at all that a shell needs, say what to do, and do what is safe (--fix)",
    load: () => import("./doctor.ts"),
  },
  {
    name: "setup-report",
    summary: "print what was set up in the block that agents look for",
    load: () => import("./setup-report.ts"),
  },
  {
    name: "keys",
    summary: "make, list, revoke and rotate keys of clients, each with what it may do",
    load: () => import("./keys.ts"),
  },
  {
    name: "admin",
    summary: "make the token that opens the dashboard (admin token)",
    load: () => import("./admin.ts"),
  },
  {
    name: "accounts",
    summary: "log in to accounts of Codex, Claude, Gemini behind CLIProxyAPI, and say which goes first",
    load: () => import("./accounts.ts"),
  },
  {
    name: "import",
    summary: "take over the configuration of another router, proxy or switcher",
    load: () => import("./import.ts"),
  },
  {
    name: "export",
    summary: "write your configuration for LiteLLM or claude-code-router",
    load: () => import("./export.ts"),
  },
  {
    name: "upgrade",
    summary: "move client, litellm or cliproxyapi to another version once it has worked, and back",
    load: () => import("./upgrade.ts"),
  },
  {
    name: "uninstall",
    summary: "list all that was made on this machine, and remove it; asks before",
    load: () => import("./uninstall.ts"),
  },
  {
    name: "secrets",
    summary: "keep provider keys outside of every checkout",
    load: () => import("./secrets.ts"),
  },
  {
    name: "shell-init",
    summary: "print short names and completions for zsh, bash, fish or PowerShell",
    load: () => import("./shell-init.ts"),
  },
  {
    name: "complete",
    summary: "what the completions of shells ask",
    hidden: true,
    load: () => import("./complete.ts"),
  },
];
