/** Claude Code, the Codex CLI, Gemini CLI and opencode as a user has them on the machine: led to the router by `switchyard env` and by `persist`, and back. */
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { provideClient } from "../../../src/fuse/client-install.ts";
import { finished, sandbox, untilPrinted, type Finished, type Sandbox } from "../../support/cli.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";

const packages = ["@openai/codex@0.169.0", "opencode-ai@1.18.33", "@google/gemini-cli@0.61.0"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-other-clients-"));
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", ...packages], { cwd: folder, stdio: "ignore" });
  // npm leaves scripts of packages out where it was not told otherwise; this one puts the program in its place.
  execFileSync(process.execPath, ["postinstall.mjs"], {
    cwd: join(folder, "node_modules/opencode-ai"),
    stdio: "ignore",
  });
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

closeAfterEach();

let box: Sandbox;
let provider: ScriptedProvider;
let options: string[];
let ended: Promise<unknown>;
let end: () => void;

beforeEach(async () => {
  box = sandbox();
  mkdirSync(join(box.home, ".gemini"), { recursive: true });
  writeFileSync(join(box.home, ".gemini/settings.json"), quiet);
  provider = await startProvider(() => ({ text: "Switched over." }));
  const config = join(box.folder, "switchyard.yaml");
  writeFileSync(
    config,
    `providers: { main: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ["\${MAIN_KEY}"] } }
routes: { default: "main,usual", background: "main,usual", think: , longContext: , webSearch: }
profiles: { special: { models: { sonnet: "main,special" } } }
`,
  );
  await box.run(["keys", "create", "somebody", "--config", config]);
  const env = { MAIN_KEY: "sk-of-the-provider" };
  const child = box.start(["router", "--config", config, "--port", "0"], { env });
  child.stderr?.resume();
  ended = new Promise((resolve) => child.once("close", resolve));
  end = () => void child.kill("SIGTERM");
  const url = (await untilPrinted(child, "stdout", /listening on (\S+)/))[1]!;
  options = ["--config", config, "--url", url, "--profile", "special"];
  box.env["MAIN_KEY"] = "sk-of-the-provider";
});
afterEach(async () => {
  end();
  await ended;
  await provider.close();
  box.remove();
});

/** The clients: what they are asked with, and which file is theirs. */
const clients = {
  claude: {
    program: () =>
      provideClient({
        version: loadConfig({ env: {} }).stack.client.version,
        env: process.env,
        say: () => undefined,
      }),
    args: ["-p", "say hi"],
    file: ".claude/settings.json",
    mine: '{"cleanupPeriodDays": 9}',
  },
  codex: {
    program: async () => join(folder, "node_modules/.bin/codex"),
    args: ["exec", "--skip-git-repo-check", "say hi"],
    file: ".codex/config.toml",
    mine: '# mine\nmodel_provider = "openai" # for now\n\n[tui]\nnotifications = false\n',
  },
  gemini: {
    program: async () => join(folder, "node_modules/.bin/gemini"),
    args: ["--skip-trust", "-p", "say hi"],
    file: ".gemini/.env",
    mine: "# mine\nGEMINI_MODEL=gemini-2.5-pro\n",
  },
  opencode: {
    program: async () => join(folder, "node_modules/.bin/opencode"),
    args: ["run", "say hi"],
    file: ".config/opencode/opencode.json",
    mine: '{\n\t"autoupdate": false\n}\n',
  },
};
type Name = keyof typeof clients;
const names = Object.keys(clients) as Name[];

/** Gemini CLI tells its maker of each start, and looks for a newer version; a login of its user's goes before the key. */
const quiet = JSON.stringify({
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  security: { auth: { selectedType: "oauth-personal" } },
});

const ask = async (
  name: Name,
  more: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Finished> => {
  const { program, args: usual } = clients[name];
  // Of the machine nothing but its programs: neither a login nor another router's address.
  const child = spawn(await program(), [...args, ...usual], {
    cwd: box.workspace,
    env: { PATH: process.env["PATH"], HOME: box.home, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return finished(child);
};

/** Below the home that the system knows of this user, whatever HOME says. */
const copyToClosedFolder = (file: string): string => {
  const closed = mkdtempSync(join(userInfo().homedir, ".switchyard-test-"));
  closing({ close: async () => rmSync(closed, { recursive: true }) });
  copyFileSync(file, join(closed, "settings.json"));
  return join(closed, "settings.json");
};

const expectServed = (done: Finished): void => {
  expect(done.stdout, done.stderr).toContain("Switched over.");
  const raw = provider.requests.map((request) => request.raw).join("\n");
  expect(raw).toContain('"special"');
  expect(raw).not.toContain('"usual"');
  expect(JSON.stringify(provider.requests)).not.toContain("swk-");
};

it.each(names)(
  "%s asks the router with what `switchyard env` prints, and nothing of it is a provider's key",
  async (name) => {
    const printed = await box.run(["env", name, "--format", "json", ...options]);
    expect(printed.stdout, printed.stderr).not.toContain("sk-of-the-provider");
    const { variables, arguments: args } = JSON.parse(printed.stdout) as {
      variables: Record<string, string | null>;
      arguments: string[];
    };
    const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== null);
    if (printed.stderr.includes("reads no settings below")) {
      // This checkout lies where others may write, as below /tmp: the same file, from where it would be read.
      expect(name).toBe("gemini");
      const own = set.find(([variable]) => variable === "GEMINI_CLI_SYSTEM_SETTINGS_PATH")!;
      own[1] = copyToClosedFolder(own[1]);
    }
    expectServed(await ask(name, Object.fromEntries(set), args));
  },
);

it.each(names)(
  "%s asks the router by its own settings after `switchyard persist`, which `unpersist` takes back to the byte",
  async (name) => {
    const { file, mine } = clients[name];
    const full = join(box.home, file);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, mine);
    const done = await box.run(["persist", name, ...options]);
    expect(done.status, done.stderr).toBe(0);
    expect(readFileSync(full, "utf8")).not.toContain("sk-of-the-provider");
    expectServed(await ask(name));
    const written = readFileSync(full, "utf8");
    const back = await box.run(["unpersist", name, ...options.slice(0, 2)]);
    expect(back.status, back.stderr).toBe(0);
    // A client may write into its own file meanwhile; what we wrote is gone either way.
    if (back.stderr.includes("is what it was")) expect(readFileSync(full, "utf8")).toBe(mine);
    else expect(readFileSync(full, "utf8"), written).not.toMatch(/switchyard|swk-/);
    expect(existsSync(full)).toBe(true);
  },
);
