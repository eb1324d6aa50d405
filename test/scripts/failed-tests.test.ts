/** The reporter that names what failed, in real runs of vitest. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const passing = `import { it } from "vitest"; it("passes", () => undefined);`;
const failing = `
import { afterAll, beforeAll, describe, expect, it } from "vitest";
it("passes", () => undefined);
it("fails", () => { throw new Error("\\u001B[31mred\\u001B[39m"); });
describe("whose hook fails", () => {
  beforeAll(() => { throw new Error("no container"); });
  it("is not run", () => undefined);
});
describe("whose last hook fails", () => {
  afterAll(() => { throw new AggregateError([new Error("refused")]); });
  it("passes", () => undefined);
});
`;
const silent = `
import { afterAll, it } from "vitest";
afterAll(() => { throw new AggregateError([]); });
it("passes", () => undefined);
`;
const broken = `throw new Error("cannot be read");`;
const stray = `
import { it } from "vitest";
it("passes", async () => {
  setTimeout(() => { throw new Error("thrown later"); });
  await new Promise((done) => setTimeout(done, 50));
});`;

/** What the reporter wrote of a run of these files; undefined where it wrote nothing. */
const told = (files: Readonly<Record<string, string>>): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-failed-tests-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const failed = join(folder, "failed");
    spawnSync(
      join(root, "node_modules/.bin/vitest"),
      ["run", "--root", folder, `--reporter=${join(root, "scripts/failed-tests.ts")}`],
      { env: { ...process.env, FAILED_TESTS: failed }, cwd: root },
    );
    return existsSync(failed) ? readFileSync(failed, "utf8") : undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

let text: string | undefined;
beforeAll(() => {
  text = told({
    "a.test.js": passing,
    "b.test.js": failing,
    "c.test.js": broken,
    "d.test.js": stray,
    "e.test.js": silent,
  });
});

it("a test that failed in a run of thousands is named, with why, in plain text", () => {
  expect(text).toContain("\nb.test.js: fails\n    Error: red\n");
  expect(text).not.toContain("\u001B");
});

it("a describe whose hook failed is named with what the hook said", () => {
  expect(text).toContain("\nb.test.js: whose hook fails\n    Error: no container\n");
  expect(text).toContain("\nb.test.js: whose last hook fails\n    Error: refused\n");
});

it("a file that cannot be read, and an error beside the tests, are told too", () => {
  expect(text).toContain("\nc.test.js\n    Error: cannot be read\n");
  expect(text).toContain("\nbeside the tests\n    Error: thrown later\n");
});

it("a file that failed is told also where vitest has no error of it", () => {
  expect(text).toContain("\ne.test.js\n    failed, and vitest does not say why\n");
});

it("what passed is not told", () => {
  expect(text).not.toContain("passes");
  expect(told({ "a.test.js": passing })).toBeUndefined();
});
