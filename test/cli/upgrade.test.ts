/** `switchyard upgrade client`: a version is pinned only once it has had a turn, and comments stay. The client here is a small one that asks the router as Claude Code would. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeYaml } from "../../src/config/yaml-merge.ts";
import { askingClaude, type Finished, type Sandbox, sandbox } from "../support/cli.ts";

let own: Sandbox;
let file: string;
beforeEach(() => {
  own = sandbox();
  file = join(own.folder, "own.yaml");
});
afterEach(() => own.remove());

const client = (version: string, turn = ""): void => void own.program("claude", askingClaude(version, turn));

const upgrade = (...args: string[]): Promise<Finished> =>
  own.run(["upgrade", "client", "--config", file, ...args]);
const text = (): string => readFileSync(file, "utf8");

const mine = "# mine\nroutes:\n  default: demo,echo # for now\n";

describe("switchyard upgrade client", () => {
  it("pins the version that has had a turn, keeps every comment, and takes it back to the letter", async () => {
    client("9.9.9");
    writeFileSync(file, mine);
    const up = await upgrade("--to", "9.9.9");
    expect(up.stderr).toContain("-> 9.9.9; it works");
    expect(up.status).toBe(0);
    expect(text()).toBe(`${mine}stack:\n  client:\n    version: 9.9.9\n`);
    const back = await upgrade("--back");
    expect(back).toMatchObject({ status: 0 });
    expect(text()).toBe(mine);
  });

  it("goes back step by step to the version that was pinned before", async () => {
    const pinned = `${mine}stack:\n  client:\n    version: 8.8.8 # held\n`;
    writeFileSync(file, pinned);
    client("9.9.9");
    await upgrade("--to", "9.9.9");
    expect(text()).toBe(pinned.replace("8.8.8", "9.9.9"));
    await upgrade("--back");
    expect(text()).toBe(pinned);
    expect(await upgrade("--back")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no upgrade of Claude Code is known"),
    });
  });

  it.each([
    ["does not run a turn", 'echo "it broke" >&2; exit 3', /status 3[\s\S]*it broke/],
    ["answers something else", "echo nonsense; exit 0", /not the one that was sent: nonsense/],
  ])("changes nothing where the new version %s, and shows its words", async (_case, turn, words) => {
    client("9.9.9", turn);
    writeFileSync(file, mine);
    const { status, stderr } = await upgrade("--to", "9.9.9");
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
    expect(text()).toBe(mine);
    expect(existsSync(join(own.state, "upgrades.json"))).toBe(false);
  });

  it("does not go back over a version that somebody has pinned since", async () => {
    client("9.9.9");
    writeFileSync(file, mine);
    await upgrade("--to", "9.9.9");
    writeFileSync(file, text().replace("9.9.9", "7.7.7"));
    const { status, stderr } = await upgrade("--back");
    expect(status).toBe(2);
    expect(stderr).toContain("7.7.7 since");
    expect(text()).toContain("7.7.7");
  });

  it("says so where it is that version already, and asks nobody", async () => {
    writeFileSync(file, `${mine}stack: { client: { version: 9.9.9 } }\n`);
    expect(await upgrade("--to", "9.9.9")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("is 9.9.9 already"),
    });
  });

  it.each([
    [["client", "--to", "newest"], /It is a version/],
    [["client", "--to", "1.2.3", "--back"], /two versions/],
    [["router"], /Allowed choices are client, litellm, cliproxyapi/],
  ])("%j is wrong use", async (args, words) => {
    const { status, stderr } = await own.run(["upgrade", ...args]);
    expect(status).toBe(2);
    expect(stderr).toMatch(words);
  });
});

/** A registry of npm's that knows one package. @returns its address */
const registry = async (version: string): Promise<{ url: string; close: () => void }> => {
  const server = createServer((_request, answer) => {
    answer.setHeader("content-type", "application/json");
    const name = "@anthropic-ai/claude-code";
    answer.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { name, version } } }),
    );
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

describe("the newest version", () => {
  it("of the client is what npm's registry tells, and is pinned once it has had a turn", async () => {
    client("9.9.9");
    writeFileSync(file, mine);
    const { url, close } = await registry("9.9.9");
    const { status, stderr } = await own.run(["upgrade", "client", "--config", file], {
      env: { npm_config_registry: url },
    });
    close();
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining("-> 9.9.9") });
    expect(text()).toContain("version: 9.9.9");
  });

  it.each([
    ["litellm", "python3", "echo 'litellm (9.9.9)'; echo 'Available versions: 9.9.9, 9.9.8'"],
    ["cliproxyapi", "go", "echo v9.9.9"],
  ])(
    "of %s is what %s tells; it is tried, and where it does not work all stays as it was",
    async (what, tool, script) => {
      // It tells the version, and cannot do anything else.
      own.program(
        tool,
        `#!/bin/sh\ncase "$*" in *index*|*list*) ${script};; *) echo "it cannot" >&2; exit 1;; esac\n`,
      );
      for (const minor of [11, 12, 13]) own.program(`python3.${minor}`, "#!/bin/sh\nexit 1\n");
      writeFileSync(file, mine);
      // Whatever else the machine has of them reaches nobody.
      const env = { GOPROXY: "off", PIP_INDEX_URL: "http://127.0.0.1:1/simple", PIP_RETRIES: "0" };
      const { status, stderr } = await own.run(["upgrade", what, "--config", file], { env });
      expect(stderr).toContain("9.9.9");
      expect(stderr).toContain("Nothing was changed: the version before stays.");
      expect(status).toBe(1);
      expect(text()).toBe(mine);
      expect(existsSync(join(own.state, "upgrades.json"))).toBe(false);
    },
  );

  it.each([
    [
      "cliproxyapi",
      "go",
      "echo 'go: reading https://proxy.test/@v/list: 403 Forbidden' >&2; exit 1",
      "CLIProxyAPI: go: reading https://proxy.test/@v/list: 403 Forbidden",
    ],
    ["litellm", "python3", "echo '/usr/bin/python3: No module named pip' >&2; exit 1", "No module named pip"],
    ["litellm", "python3", "true", "python3 tells none: it says nothing"],
  ])("of %s that %s does not tell is to be named, and says why", async (what, tool, script, words) => {
    own.program(tool, `#!/bin/sh\n${script}\n`);
    writeFileSync(file, mine);
    const { status, stderr } = await own.run(["upgrade", what, "--config", file]);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining(words) });
    expect(stderr).toContain(`Name one: switchyard upgrade ${what} --to VERSION.`);
    expect(text()).toBe(mine);
  });
});

describe("a key that is taken out of a text", () => {
  it.each([
    [
      "a: 1 # one\nstack:\n  client:\n    version: 1\n    memory: 4g # much\n",
      "a: 1 # one\nstack:\n  client:\n    memory: 4g # much\n",
    ],
    ["# head\n\nstack: { client: { version: 1 } }\n", "# head\n"],
    ["a: 1\n", "a: 1\n"],
  ])("of %j leaves %j", (before, after) => {
    expect(removeYaml(before, ["stack", "client", "version"])).toBe(after);
  });
});
