/** Claude Code itself with a key that `switchyard keys create` made: it works, is counted to the token, and is told when its money is spent. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import { clientEnvironment } from "../../../src/fuse/client-settings.ts";
import { provideClient } from "../../../src/fuse/client-install.ts";
import { seedClient } from "../../../src/fuse/client-seed.ts";
import type { UsageAnswer, UsageRow } from "../../../src/shared/usage.ts";
import { sandbox, untilPrinted, type Sandbox } from "../../support/cli.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";
import { run, type Finished } from "../support/project.ts";

/** What the provider reports of every call: 400 tokens of input, 800 out of its cache, 340 of output. */
const usage = { prompt: 1200, completion: 340, cached: 800 };
/** 400 x 100 + 800 x 10 + 340 x 200 dollars, by the million. */
const dollarsOfACall = 0.116;

let box: Sandbox;
let provider: ScriptedProvider;
let url: string;
let ended: Promise<unknown>;
let end: () => void;
let config: string;

beforeEach(async () => {
  box = sandbox();
  provider = await startProvider(() => ({ text: "The keys are counted.", usage }));
  config = join(box.folder, "switchyard.yaml");
  writeFileSync(
    config,
    `providers: { main: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [] } }
models: { "main,m": { price: { input: 100, output: 200, cacheRead: 10 } } }
routes: { default: "main,m", background: "main,m", think: , longContext: , webSearch: }
`,
  );
  const child = box.start(["router", "--config", config, "--port", "0"]);
  child.stderr?.resume();
  ended = new Promise((resolve) => child.once("close", resolve));
  end = () => void child.kill("SIGTERM");
  [, url = ""] = await untilPrinted(child, "stdout", /listening on (\S+)/);
});
afterEach(async () => {
  end();
  await ended;
  await provider.close();
  box.remove();
});

/** A router that runs looks once a second for keys that were made or revoked. */
const untilTaken = (): Promise<void> => new Promise((done) => setTimeout(done, 1_100));

const createKey = async (...terms: string[]): Promise<string> => {
  const made = await box.run(["keys", "create", "alice", "--config", config, ...terms]);
  expect(made, made.stderr).toMatchObject({ status: 0 });
  await untilTaken();
  return made.stdout.trim();
};

/** `claude -p`, of its own, with nothing of ours but the address and the key. */
const claude = async (key: string, prompt: string): Promise<Finished> => {
  const { version } = loadConfig({ env: {}, keyFiles: false }).stack.client;
  const program = await provideClient({ version, env: process.env, say: () => undefined });
  const options = {
    baseUrl: url,
    key,
    configDir: join(box.home, ".claude"),
    passthrough: false,
    isolated: false,
  };
  await seedClient(options, box.workspace);
  const env = { ...box.env, ...clientEnvironment(options) };
  return run(program, ["-p", prompt], { cwd: box.workspace, env, timeout: 100_000 });
};

/** `switchyard usage` of the key. */
const used = async (): Promise<UsageRow | undefined> => {
  const args = ["usage", "--by", "key", "--json", "--since", "1d", "--config", config];
  const { stdout, stderr } = await box.run(args);
  expect(stderr).toBe("");
  return (JSON.parse(stdout) as UsageAnswer).rows.find(({ name }) => name === "alice");
};

it("Claude Code with a key of its own works, and each token is counted under its name", async () => {
  const key = await createKey("--budget", "1000/day");
  const { stdout, stderr, status } = await claude(key, "say hi");
  expect({ stdout, stderr, status }).toEqual({ stdout: "The keys are counted.\n", stderr: "", status: 0 });
  const calls = provider.requests.length;
  expect(calls).toBeGreaterThan(0);
  const counted = await used();
  expect(counted).toMatchObject({
    turns: calls,
    failed: 0,
    input: 400 * calls,
    cacheRead: 800 * calls,
    output: 340 * calls,
    unpriced: 0,
  });
  expect(counted?.cost).toBeCloseTo(dollarsOfACall * calls, 9);
});

it("Claude Code says in plain words that the budget of its key is spent, at once, and nobody is called", async () => {
  const key = await createKey("--budget", "0.10/day");
  expect(await claude(key, "say hi")).toMatchObject({ status: 0 });
  const [calls, before] = [provider.requests.length, Date.now()];
  const { stdout, stderr, status } = await claude(key, "and again");
  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(/budget/i);
  expect(stdout + stderr).toContain("of the key alice: $0.12 of $0.10");
  expect(stdout + stderr).toMatch(/begins anew at 20\d\d-/);
  expect(stdout + stderr).not.toContain(key);
  // The client does not try it again for minutes.
  expect(Date.now() - before).toBeLessThan(60_000);
  expect(provider.requests).toHaveLength(calls);
  expect(await used()).toMatchObject({ input: 400 * calls, output: 340 * calls });
});

it("a key that is revoked ends the client's work with words that say why", async () => {
  const key = await createKey();
  expect(await claude(key, "say hi")).toMatchObject({ status: 0 });
  await box.run(["keys", "revoke", "alice", "--config", config]);
  const calls = provider.requests.length;
  await untilTaken();
  const { stdout, stderr, status } = await claude(key, "and again");
  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(/key/i);
  expect(provider.requests).toHaveLength(calls);
});
