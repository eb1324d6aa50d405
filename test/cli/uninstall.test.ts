/** `switchyard uninstall` on a machine without an engine: what it lists, what it leaves, and that nothing of it is left. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Checkout, checkout } from "../support/checkout.ts";
import { filesBelow, finished, type Finished, type Sandbox, sandbox, untilPrinted } from "../support/cli.ts";

let own: Sandbox;
let place: Checkout;
beforeEach(() => {
  own = sandbox();
  place = checkout("http://127.0.0.1:1");
});
afterEach(() => {
  place.remove();
  own.remove();
});

/** Node's own cache included: it is where a user's would be. */
const env = (): Record<string, string> => {
  const { NODE_COMPILE_CACHE: _elsewhere, ...rest } = own.env;
  return { ...rest, XDG_CONFIG_HOME: join(own.home, ".config"), ZAI_API_KEY: "zai-of-the-test" };
};
const run = (...args: string[]): Promise<Finished> => {
  const child = spawn(place.switchyard, args, { cwd: own.workspace, env: env() });
  child.stdin.end();
  return finished(child);
};

const startRouter = async (
  state = own.env["SWITCHYARD_STATE_DIR"],
): Promise<{ url: string; end: () => Promise<unknown> }> => {
  const router = spawn(place.switchyard, ["router", "--port", "0"], {
    cwd: own.workspace,
    env: { ...env(), SWITCHYARD_STATE_DIR: state },
  });
  const ended = finished(router);
  const [, url = ""] = await untilPrinted(router, "stdout", /^listening on (\S+)$/m);
  return {
    url,
    end: () => {
      router.kill("SIGTERM");
      return ended;
    },
  };
};

const settings = (): string => join(own.home, ".claude/settings.json");

/** What a user has after a while. */
const live = async (): Promise<void> => {
  mkdirSync(join(own.home, ".claude"));
  writeFileSync(settings(), '{ "model": "opus" }\n');
  for (const args of [
    ["init", "--yes", "--offline", "--keys-from-env"],
    ["admin", "token"],
    ["persist", "claude"],
  ])
    expect(await run(...args)).toMatchObject({ status: 0 });
  expect(readFileSync(settings(), "utf8")).toContain("ANTHROPIC_BASE_URL");
};

// Each runs a handful of commands, as a person would over a while.
describe("switchyard uninstall", { timeout: 120_000 }, () => {
  it("lists what was made with --dry-run, and touches nothing", async () => {
    await live();
    const before = filesBelow(own.folder);
    const { status, stdout, stderr } = await run("uninstall", "--dry-run");
    expect(status).toBe(0);
    for (const name of [settings(), own.state, join(own.folder, "cache/switchyard")])
      expect(stdout).toContain(name);
    expect(stderr).toContain("(--keys)");
    expect(filesBelow(own.folder)).toEqual(before);
  });

  it("removes nothing where nobody can be asked and --yes is not given", async () => {
    await live();
    const before = filesBelow(own.folder);
    const { status, stderr } = await run("uninstall");
    expect(status).toBe(2);
    expect(stderr).toContain("Nothing was removed");
    expect(filesBelow(own.folder)).toEqual(before);
  });

  it("removes all that was made, gives other clients their settings back, and leaves what the user wrote", async () => {
    await live();
    expect(await run("uninstall", "--yes")).toMatchObject({ status: 0 });
    expect(readFileSync(settings(), "utf8")).toBe('{ "model": "opus" }\n');
    expect(existsSync(own.state)).toBe(false);
    expect(filesBelow(own.home)).toEqual([".claude/settings.json", ".config/switchyard/keys.env"]);
    expect(existsSync(join(own.folder, "cache/switchyard"))).toBe(false);
    expect(existsSync(place.config)).toBe(true);
    expect((await run("uninstall", "--yes")).stderr).toContain("there is nothing of it");
  });

  it("takes keys and configuration too where it is told to", async () => {
    await live();
    expect(await run("uninstall", "--yes", "--keys", "--configuration")).toMatchObject({ status: 0 });
    expect(filesBelow(own.home)).toEqual([".claude/settings.json"]);
    expect(existsSync(join(own.home, ".config/switchyard"))).toBe(false);
    expect(existsSync(place.config)).toBe(false);
  });

  it("leaves what other checkouts use where it is told to", async () => {
    await live();
    await run("uninstall", "--yes", "--keep-shared");
    expect(existsSync(join(own.folder, "cache/switchyard"))).toBe(true);
    expect(existsSync(own.state)).toBe(false);
  });

  describe("beside another project of the user's", () => {
    const theirs = (): string => join(own.home, ".local/state/switchyard/shop-1a2b3c");
    const installed = (): string => join(own.folder, "cache/switchyard/claude-code-1.2.3/claude");
    const prices = (): string => join(own.home, ".config/switchyard/prices.json");
    beforeEach(() => {
      for (const file of [
        installed(),
        prices(),
        join(theirs(), "logs/router.log"),
        join(own.state, "logs/router.log"),
      ]) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, "{}");
      }
      // No project has anything in it.
      mkdirSync(join(own.home, ".local/state/switchyard/empty"));
    });

    it("keeps what both use, and names the other one; --shared says what goes for it too, and removes it", async () => {
      const { status, stdout, stderr } = await run("uninstall", "--yes");
      const cache = join(own.folder, "cache/switchyard");
      expect(stderr).toContain(
        `stays, for all checkouts share it: ${cache}, ${prices()}; other projects use it: shop-1a2b3c (`,
      );
      expect(stdout).toContain(own.state);
      expect(stdout).not.toContain(cache);
      expect(status).toBe(0);
      expect(existsSync(own.state)).toBe(false);
      for (const file of [installed(), prices()]) expect(existsSync(file)).toBe(true);

      const more = await run("uninstall", "--yes", "--shared");
      expect(more.stderr).toContain(
        `this goes for all checkouts: ${cache}, ${prices()}; other projects use it: shop-1a2b3c`,
      );
      expect(more.stdout).toContain(cache);
      expect(more.status).toBe(0);
      expect(existsSync(cache)).toBe(false);
      expect(existsSync(prices())).toBe(false);
      expect(existsSync(join(theirs(), "logs/router.log"))).toBe(true);
    });

    it("removes nothing with --shared while the other one's router runs", async () => {
      const router = await startRouter(theirs());
      const { status, stderr } = await run("uninstall", "--yes", "--shared");
      await router.end();
      expect(stderr).toContain(router.url);
      expect(status).toBe(1);
      for (const path of [installed(), prices(), own.state]) expect(existsSync(path)).toBe(true);
    });

    it("takes --shared or --keep-shared, and not both", async () => {
      const { status, stderr } = await run("uninstall", "--yes", "--shared", "--keep-shared");
      expect(status).toBe(2);
      expect(stderr).toContain("--keep-shared");
      expect(existsSync(own.state)).toBe(true);
    });
  });

  it("removes nothing while a router runs, and says which", async () => {
    const router = await startRouter();
    const { status, stderr } = await run("uninstall", "--yes");
    await router.end();
    expect(status).toBe(1);
    expect(stderr).toContain(router.url);
    expect(existsSync(own.state)).toBe(true);
  });

  it("never touches a home that was named as the state folder, and says what of it would be ours", async () => {
    await live();
    mkdirSync(join(own.state, "Documents"));
    writeFileSync(join(own.state, "Documents/thesis.txt"), "years of work");
    const before = filesBelow(own.state);
    const { status, stdout, stderr } = await run("uninstall", "--yes");
    expect(status).toBe(1);
    expect(stdout).toContain("it stays");
    expect(stderr).toContain(`remove yourself: ${join(own.state, "router/admin.json")}`);
    const kept = (name: string): boolean => !name.includes(".before.json");
    expect(filesBelow(own.state).filter(kept)).toEqual(before.filter(kept));
  });

  it("goes on where a client's settings cannot be given back, keeps what they were, and gives them back later", async () => {
    await live();
    const codex = join(own.home, ".codex/config.toml");
    mkdirSync(join(own.home, ".codex"));
    writeFileSync(codex, 'model = "x"\n');
    expect(await run("persist", "codex")).toMatchObject({ status: 0 });
    const persisted = readFileSync(settings(), "utf8");
    writeFileSync(settings(), `${persisted.slice(0, -3)} broken`);
    const { status, stderr } = await run("uninstall", "--yes");
    expect(status).toBe(1);
    expect(stderr).toContain(`stays: ${settings()}: `);
    expect(stderr).toContain("run it again");
    expect(readFileSync(codex, "utf8")).toBe('model = "x"\n');
    expect(filesBelow(own.state)).toEqual([expect.stringMatching(/^clients\/claude-\w+\.before\.json$/)]);
    expect(existsSync(join(own.folder, "cache/switchyard"))).toBe(false);
    writeFileSync(settings(), persisted);
    expect(await run("uninstall", "--yes")).toMatchObject({ status: 0 });
    expect(readFileSync(settings(), "utf8")).toBe('{ "model": "opus" }\n');
    expect(existsSync(own.state)).toBe(false);
  });

  it("keeps and names what somebody put into folders of ours, and what links lead to", async () => {
    const state = join(own.folder, "switchyard/shop");
    own.env["SWITCHYARD_STATE_DIR"] = state;
    await live();
    await (await startRouter()).end();
    const mine = ["compose/notes.txt", "ledger/mine.csv", "logs/notes.txt", "router/notes.txt"];
    for (const name of [...mine, "compose/override.yaml", "compose/services.yaml", "logs/router.log"]) {
      mkdirSync(dirname(join(state, name)), { recursive: true });
      writeFileSync(join(state, name), "mine");
    }
    const precious = join(own.folder, "elsewhere/precious");
    mkdirSync(dirname(precious));
    writeFileSync(precious, "years of work");
    symlinkSync(dirname(precious), join(state, "host"));
    symlinkSync(precious, join(state, "logs/litellm.log"));
    const { status, stderr } = await run("uninstall", "--yes");
    expect(status).toBe(1);
    expect(stderr).toContain(`did not make ${["compose/notes.txt", "host", ...mine.slice(1)].join(", ")}`);
    expect(stderr).toContain("compose/override.yaml (--configuration)");
    const kept = [...mine, "compose/override.yaml", "host"].toSorted();
    expect(filesBelow(state).filter((name) => !name.startsWith("host/"))).toEqual(kept);
    expect(readFileSync(precious, "utf8")).toBe("years of work");
    for (const name of [...mine, "host"]) rmSync(join(state, name));
    expect(await run("uninstall", "--yes", "--configuration")).toMatchObject({ status: 0 });
    expect(existsSync(state)).toBe(false);
  });

  it("leaves a project that lies in its own state folder", async () => {
    const state = join(own.folder, "switchyard/shop");
    own.env["SWITCHYARD_STATE_DIR"] = state;
    await live();
    mkdirSync(join(state, "project"));
    writeFileSync(join(state, "project/main.c"), "int main;");
    const { status, stderr } = await run("uninstall", "--yes");
    expect({ status, left: filesBelow(state) }).toEqual({ status: 1, left: ["project/main.c"] });
    expect(stderr).toContain("did not make project");
  });

  it("gives settings back that lay elsewhere when they were written", async () => {
    const codex = join(own.folder, "codex");
    mkdirSync(codex);
    writeFileSync(join(codex, "config.toml"), 'model = "x"\n');
    own.env["CODEX_HOME"] = codex;
    expect(await run("persist", "codex")).toMatchObject({ status: 0 });
    delete own.env["CODEX_HOME"];
    expect(await run("uninstall", "--yes")).toMatchObject({ status: 0 });
    expect(readFileSync(join(codex, "config.toml"), "utf8")).toBe('model = "x"\n');
  });

  it("removes no folder and no file of the checkout as somebody's configuration", async () => {
    mkdirSync(join(own.folder, "configs"));
    for (const file of [join(own.folder, "configs"), join(place.folder, "config/default.yaml")]) {
      const { status, stderr } = await run("uninstall", "--config", file, "--configuration", "--yes");
      expect({ status, there: existsSync(file) }).toEqual({ status: 2, there: true });
      expect(stderr).toContain("Nothing was removed");
    }
  });
});
