/** scripts/test.sh on its own: every tool that it calls is a stand-in here, which says what it was called for. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { finished, runs, until, untilPrinted } from "../support/cli.ts";

const scripts = resolve(import.meta.dirname, "../../scripts");

/** A checkout whose tools are stand-ins. @param endToEnd lines of a shell in the place of vitest's runs with the real client */
const started = (endToEnd: string): { child: ChildProcess; temporary: string } => {
  const root = mkdtempSync(join(tmpdir(), "switchyard-test-script-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text, { mode: 0o755 });
  };
  for (const tool of ["node_modules/.bin/tsc", "node_modules/.bin/oxlint", "node_modules/.bin/oxfmt"])
    write(tool, "#!/bin/sh\n");
  write("bin/switchyard", "#!/bin/sh\n");
  write("scripts/cliproxyapi.sh", "#!/bin/sh\n");
  write("src/engine/connect.ts", "export const connect = () => undefined;\n");
  write(
    "node_modules/.bin/vitest",
    `#!/bin/bash
case "$*" in *--reporter=scripts/failed-tests.ts*) ;; *) echo "no report" >&2; exit 1 ;; esac
case "$*" in *--config*) ;; *) exit 0 ;; esac
${endToEnd}
`,
  );
  copyFileSync(join(scripts, "test.sh"), join(root, "scripts/test.sh"));
  const temporary = join(root, "tmp");
  mkdirSync(temporary);
  const child = spawn("bash", [join(root, "scripts/test.sh")], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  return { child, temporary };
};

it("a test in a container that failed is told last, behind what ran on the host, and make test fails", async () => {
  const { child, temporary } = started(`
case "$*" in
  *test/e2e/docker*) printf '\na.e2e.ts: a container\n    it did not start\n' >>"$FAILED_TESTS"; exit 1 ;;
  *) echo "the host's lines" ;;
esac`);
  const { status, stdout } = await finished(child);
  expect(status).toBe(1);
  expect(stdout).toMatch(/the host's lines\n\n== failed\n\na\.e2e\.ts: a container\n {4}it did not start\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});

it("make test that is ended while tests with the real client run does not pass, and ends them", async () => {
  const { child, temporary } = started(`
case "$*" in
  *test/e2e/docker*) sleep 0.5; echo "in containers" ;;
  *) echo $$ >"$TMPDIR/host" ;;
esac
exec sleep 600`);
  const end = finished(child);
  await untilPrinted(child, "stdout", /in containers/);
  const host = (): number => Number(readFileSync(join(temporary, "host"), "utf8"));
  await until(() => readdirSync(temporary).includes("host") && host() > 0, "the tests on the host");
  process.kill(-child.pid!, "SIGTERM");
  expect((await end).status).toBe(143);
  expect(runs(host())).toBe(false);
  expect(readdirSync(temporary)).toEqual(["host"]);
});
