import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const told = (...reports: string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-failures-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const paths = reports.map((text, i) => {
    const path = join(folder, `${i}.json`);
    writeFileSync(path, text);
    return path;
  });
  return execFileSync(process.execPath, [join(root, "scripts/failures.ts"), ...paths], {
    cwd: root,
    encoding: "utf8",
  });
};

const file = (name: string, status: string, assertionResults: object[], message = ""): string =>
  JSON.stringify({ testResults: [{ name: join(root, name), status, message, assertionResults }] });

const passed = { status: "passed", fullName: "a test that passed", failureMessages: [] };

it("a test that failed in a run of thousands is named at the end, with why", () => {
  const failed = {
    status: "failed",
    fullName: "a test that failed",
    failureMessages: ["\u001B[31mexpected 1\u001B[39m\nto be 2"],
  };
  expect(
    told(file("test/a.e2e.ts", "passed", [passed]), file("test/b.e2e.ts", "failed", [passed, failed])),
  ).toBe("\n== failed: 1\n\ntest/b.e2e.ts: a test that failed\n    expected 1\n    to be 2\n");
});

it("a file whose hook failed is named with what the hook said", () => {
  expect(told(file("test/a.e2e.ts", "failed", [{ ...passed, status: "skipped" }], "no engine"))).toContain(
    "test/a.e2e.ts\n    no engine",
  );
});

it("nothing is said where nothing failed, or where a run was ended before it wrote its report", () => {
  expect(told(file("test/a.e2e.ts", "passed", [passed]), "")).toBe("");
});
