import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ScriptRunner, type ScriptReply } from "../../../../src/router/rules/custom/script-runner.ts";
import type {
  RuleScriptConfig,
  RuleScriptRequest,
} from "../../../../src/router/rules/custom/script-types.ts";
import type { SwitchyardError } from "../../../../src/shared/errors.ts";

const runners: ScriptRunner[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly ask: (fields?: Partial<RuleScriptRequest>) => Promise<ScriptReply>;
  /** What the log was told. */
  readonly warned: string[];
  readonly said: string[];
  /** Moves the clock that rests and the log go by. */
  readonly pass: (milliseconds: number) => void;
}

const facts: RuleScriptRequest = {
  body: { model: "claude-x", max_tokens: 5, messages: [{ role: "user", content: "hello" }] },
  headers: { "x-team": "blue" },
  tokenCount: 7,
  lastUser: "hello",
  system: "",
  subagent: false,
};
const known: RuleScriptConfig = {
  providers: [],
  routes: {},
  aliases: {},
  Providers: [],
  Router: { default: "one,d" },
};

const start = async (
  text: string,
  options: { name?: string; file?: string; timeout?: number } = {},
): Promise<Started> => {
  const { name = "my-router.mjs", file, timeout = 2_000 } = options;
  const [warned, said]: [string[], string[]] = [[], []];
  let now = 0;
  const runner = new ScriptRunner({
    script: { file, name, text, timeout },
    warn: (line) => warned.push(line),
    said: (line) => said.push(line),
    now: () => now,
  });
  runners.push(runner);
  await runner.start();
  return {
    ask: (fields = {}) => runner.ask({ ...facts, ...fields }, known),
    warned,
    said,
    pass: (milliseconds) => void (now += milliseconds),
  };
};
const whyNot = (text: string, options: Parameters<typeof start>[1] = {}): Promise<string> =>
  start(text, options).then(
    () => "it was loaded",
    (error: SwitchyardError) => `${error.code}: ${error.detail}`,
  );

/** A file of a folder whose package.json says what its scripts are. */
const fileIn = (type: "module" | "commonjs", name: string, text: string): string => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-script-"));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
  writeFileSync(join(folder, "beside.mjs"), 'export const target = "one,beside";\n');
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("a script decides", () => {
  test("as an ES module, with what it was given", async () => {
    const { ask } = await start(
      "export default ({ body, tokenCount, headers }, { Router }) => [`one,${body.model}`, `${Router.default}-${tokenCount}-${headers['x-team']}`];",
    );
    expect(await ask()).toEqual({ targets: ["one,claude-x", "one,d-7-blue"] });
  });

  test("in TypeScript, with a promise", async () => {
    const { ask } = await start(
      "export default async (request: { lastUser: string }): Promise<string | null> => (request.lastUser === 'hello' ? 'one,a' : null);",
      { name: "my-router.ts" },
    );
    expect(await ask()).toEqual({ targets: ["one,a"] });
    expect(await ask({ lastUser: "other" })).toEqual({ targets: [] });
  });

  const ofOthers = `module.exports = async function router(req, config) {
  const said = req.body.messages.find((m) => m.role === "user")?.content;
  if (said && said.includes("hello")) return config.Router.default;
  return null;
};`;
  test.each(["module", "commonjs"] as const)(
    "in claude-code-router's form, in a folder whose package.json says %s",
    async (type) => {
      const file = fileIn(type, "custom-router.js", ofOthers);
      const { ask } = await start(ofOthers, { file, name: "custom-router.js" });
      expect(await ask()).toEqual({ targets: ["one,d"] });
    },
  );

  test("with what lies beside its file", async () => {
    const text = 'import { target } from "./beside.mjs";\nexport default () => target;\n';
    const file = fileIn("module", "my-router.js", text);
    const { ask } = await start(text, { file, name: "my-router.js" });
    expect(await ask()).toEqual({ targets: ["one,beside"] });
  });

  test("and sees no key of the environment", async () => {
    process.env["SWITCHYARD_TEST_API_KEY"] = "secret-of-the-environment";
    try {
      const { ask } = await start("export default () => process.env.SWITCHYARD_TEST_API_KEY ?? 'one,none';");
      expect(await ask()).toEqual({ targets: ["one,none"] });
    } finally {
      delete process.env["SWITCHYARD_TEST_API_KEY"];
    }
  });

  test("several requests at once, each with its own answer", async () => {
    const { ask } = await start(
      "export default async ({ tokenCount }) => { await new Promise((r) => setTimeout(r, 20 - tokenCount)); return `one,${tokenCount}`; };",
    );
    const replies = await Promise.all(Array.from({ length: 20 }, (_, tokenCount) => ask({ tokenCount })));
    expect(replies).toEqual(Array.from({ length: 20 }, (_, i) => ({ targets: [`one,${i}`] })));
  });

  test("and its words go to the log", async () => {
    const { ask, said } = await start("export default () => { console.log('I was asked'); return null; };");
    await ask();
    await expect.poll(() => said).toContain("I was asked");
  });
});

describe("a script that cannot be loaded is an error of the configuration", () => {
  test("with a mistake in its grammar, and the line", async () => {
    const text = "const a = 1;\nexport default (a => ;\n";
    const file = fileIn("module", "my-router.js", text);
    const why = await whyNot(text, { file, name: "my-router.js" });
    expect(why).toContain(`config.invalid: rulesScript: ${file} cannot be loaded: SyntaxError`);
    expect(why).toContain("(my-router.js, line 2)");
  });

  test("that throws while it is loaded, and the line", async () => {
    expect(await whyNot("const a = 1;\n\nthrow new Error('no such table');\n", { name: "r.cjs" })).toContain(
      "Error: no such table (r.cjs, line 3)",
    );
  });

  test("that exports no function", async () => {
    expect(await whyNot("export const route = 1;")).toContain("it exports no function");
  });

  test("that ends its thread", async () => {
    expect(await whyNot("process.exit(0);")).toContain("it ended its thread");
  });

  test("that stands alone and imports another", async () => {
    const why = await whyNot('import { target } from "./beside.mjs";\nexport default () => target;\n');
    expect(why).toContain("in a container a script stands alone");
  });
});

describe("a script that misbehaves is passed over, and the next request is served", () => {
  const unless = (deed: string): string =>
    `export default ({ lastUser }) => { if (lastUser === "bad") { ${deed} } return "one,good"; };`;
  const bad: [string, string, string][] = [
    ["throws", "throw new TypeError('no table');", "TypeError: no table (my-router.mjs, line 1)"],
    ["throws what is no error", "throw 'words';", "it threw words"],
    ["rejects", "return Promise.reject(new Error('late'));", "Error: late"],
    [
      "returns a number",
      "return 5;",
      'it returned a number, expected "provider,model", a list of them, or null',
    ],
    ["returns a list with a map", "return [{}];", "it returned a list with a object in it"],
    ["returns a name of 100 MB", "return 'x'.repeat(1e8);", "it returned a name of 100000000 characters"],
    [
      "returns a million targets",
      "return Array(1e6).fill('one,a');",
      "it returned 1000000 targets, 32 are the most",
    ],
    ["ends its thread", "process.exit(3);", "it ended its thread"],
    [
      "throws outside of the call",
      "setImmediate(() => { throw new Error('loose'); }); return new Promise(() => {});",
      "Error: loose",
    ],
  ];
  test.each(bad)("that %s", async (_name, deed, words) => {
    const { ask, warned } = await start(unless(deed));
    const reply = await ask({ lastUser: "bad" });
    expect("failed" in reply ? reply.failed : reply).toContain(words);
    expect(warned).toEqual([expect.stringContaining("the script my-router.mjs did not decide: ")]);
    expect(await ask()).toEqual({ targets: ["one,good"] });
  });

  test("that loops for ever: it is ended, and begun anew", async () => {
    const { ask } = await start(unless("for (;;);"), { timeout: 300 });
    const [first, beside] = await Promise.all([ask({ lastUser: "bad" }), ask()]);
    expect(first).toEqual({ failed: "it took longer than 300 ms" });
    // One thread runs them one after the other.
    expect(beside).toHaveProperty("failed");
    await expect.poll(() => ask(), { timeout: 5_000 }).toEqual({ targets: ["one,good"] });
  });

  test("that never answers one request answers others meanwhile, in the same thread", async () => {
    const { ask } = await start(
      "let asked = 0;\nexport default ({ lastUser }) => { asked++; return lastUser === 'bad' ? new Promise(() => {}) : `one,${asked}`; };",
      { timeout: 300 },
    );
    expect(await ask({ lastUser: "bad" })).toEqual({ failed: "it took longer than 300 ms" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await ask()).toEqual({ targets: ["one,2"] });
  });

  test("that dies again and again rests, longer each time, and is told once a minute", async () => {
    const { ask, warned, pass } = await start("export default () => process.exit(1);");
    const failed = async (): Promise<string> => {
      const reply = await ask();
      return "failed" in reply ? reply.failed : "";
    };
    expect(await failed()).toBe("it ended its thread");
    expect(await failed()).toBe("it ended its thread");
    expect(await failed()).toBe("it failed again and again, and rests");
    pass(1_000);
    expect(await failed()).toBe("it ended its thread");
    pass(1_000);
    expect(await failed()).toBe("it failed again and again, and rests");
    expect(warned).toHaveLength(1);
    pass(60_000);
    await failed();
    expect(warned).toHaveLength(2);
  });

  test("that eats all memory takes its own thread down, and not the router", async () => {
    const { ask } = await start(
      unless("const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));"),
      { timeout: 20_000 },
    );
    const reply = await ask({ lastUser: "bad" });
    expect("failed" in reply ? reply.failed : reply).toContain("memory");
    expect(await ask()).toEqual({ targets: ["one,good"] });
  });
});
