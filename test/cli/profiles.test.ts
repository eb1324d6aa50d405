/** `switchyard profiles`, `switchyard use` and `switchyard route --profile`, with a router that runs meanwhile. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sandbox, until, untilPrinted, type Sandbox } from "../support/cli.ts";
import { smallRequest } from "../support/router.ts";

let user: Sandbox;
let config: string;
beforeEach(() => {
  user = sandbox();
  config = join(user.folder, "mine.yaml");
  writeFileSync(
    config,
    'routes: { default: ["demo,usual"] }\nprofiles: { mine: { description: My own, models: { sonnet: "demo,mine" } } }\n',
  );
});
afterEach(() => user.remove());

const run = (...args: string[]) => user.run([...args, "--config", config]);

describe("switchyard use", () => {
  it("moves a router that runs, which status says, and back", async () => {
    const router = user.start(["router", "--config", config, "--port", "0"]);
    try {
      const [, url] = await untilPrinted(router, "stdout", /listening on (\S+)/);
      const target = async (): Promise<string | null> =>
        (
          await fetch(`${url!}/v1/messages`, { method: "POST", body: JSON.stringify(smallRequest) })
        ).headers.get("x-switchyard-target");
      expect(await target()).toBe("demo,usual");
      const used = await run("use", "mine");
      expect([used.status, used.stdout]).toEqual([0, `${url!.replace("http://", "")}: mine\n`]);
      expect(await target()).toBe("demo,mine");
      expect((await run("status")).stdout).toContain("profile mine serves what is asked without one");
      expect((await run("profiles")).stdout).toMatch(/^mine +default +My own$/m);
      expect((await run("use", "default")).status).toBe(0);
      expect(await target()).toBe("demo,usual");
    } finally {
      router.kill();
    }
  });

  it("is kept for the next router where none runs, and says so", async () => {
    const used = await run("use", "mine");
    expect([used.status, used.stdout]).toEqual([0, "mine\n"]);
    expect(used.stderr).toContain("no router runs");
    const router = user.start(["router", "--config", config, "--port", "0"]);
    try {
      const [, url] = await untilPrinted(router, "stdout", /listening on (\S+)/);
      await until(
        async () => (await (await fetch(`${url!}/health`)).text()).includes('"profile":"mine"'),
        "the profile",
      );
    } finally {
      router.kill();
    }
  });

  it.each([
    [["mien"], 2, 'There is no profile of this name: mien. Did you mean "mine"?'],
    [["glm"], 1, "glm: ZAI_API_KEY is not set"],
    [[], 2, "no profile is named"],
    [["mine", "--none"], 2, "mine and --none"],
  ])("says what is wrong with %j", async (args, status, words) => {
    const done = await run("use", ...args);
    expect([done.status, done.stderr]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe("switchyard profiles", () => {
  it("tells of a chosen one that is gone, of a file that is none, and keeps a description on its line", async () => {
    await run("use", "mine");
    mkdirSync(join(user.folder, "profiles"));
    writeFileSync(join(user.folder, "profiles", "p.yml"), "");
    writeFileSync(config, 'profiles: { other: { description: "two\\n\\e[31mlines" } }\n');
    const { stdout, stderr, status } = await run("profiles");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^other +ready +two \[31mlines$/m)]);
    expect(stderr).toContain('the profile "mine" is chosen, and the configuration has none of that name');
    expect(stderr).toContain("p.yml is not read");
    expect((await run("use", "None")).stdout).toBe("no profile\n");
    expect((await run("profiles")).stderr).not.toContain("is chosen");
  });

  it("lists them all with what each lacks, and shows one", async () => {
    const listed = (await run("profiles")).stdout;
    expect(listed).toMatch(/^mine +ready +My own$/m);
    expect(listed).toMatch(/^glm +ZAI_API_KEY is not set +GLM by Z\.ai$/m);
    const json = JSON.parse((await run("profiles", "list", "--json")).stdout) as { name: string }[];
    expect(json.find(({ name }) => name === "mine")).toMatchObject({
      disabled: null,
      default: false,
      models: { sonnet: ["demo,mine"] },
    });
    const shown = (await run("profiles", "show", "glm")).stdout;
    expect(shown).toMatch(/^served +under \/p\/glm\/$/m);
    expect(shown).toMatch(/^client +CLAUDE_CODE_AUTO_COMPACT_WINDOW=\d+$/m);
    expect((await run("profiles", "show", "mien")).status).toBe(2);
  });
});

it("switchyard route --profile decides as the profile does", async () => {
  const file = join(user.folder, "request.json");
  writeFileSync(file, JSON.stringify(smallRequest));
  const done = await run("route", file, "--profile", "mine", "--json");
  expect(JSON.parse(done.stdout)).toMatchObject({ rule: "sonnet", targets: ["demo,mine"] });
  expect((await run("route", file, "--profile", "mien")).status).toBe(2);
});
