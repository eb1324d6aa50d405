/** What a build takes of the machine's settings. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkoutRoot } from "../../src/shared/paths.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asker = process.getuid!() === 0 ? 1234 : process.getuid!();

it("settings of Go that the user may not read are none, and end no build", () => {
  const closed = join(folder, "env");
  writeFileSync(closed, "GOPROXY=https://proxy.test\n", { mode: 0o000 });
  // Root reads everything: another user asks, in a folder that is theirs.
  chownSync(folder, asker, -1);
  chmodSync(folder, 0o755);
  const module = join(checkoutRoot(), "src/engine/build-inputs.ts");
  const script = `import { buildInputs } from ${JSON.stringify(module)};
process.seteuid(${asker});
const inputs = await buildInputs({ env: { GOENV: ${JSON.stringify(closed)} }, home: ${JSON.stringify(folder)}, root: ${JSON.stringify(checkoutRoot())}, ownSources: false });
console.log(JSON.stringify(inputs.args));
await inputs.dispose();`;
  const args = ["--input-type=module", "--eval", script];
  const ran = execFileSync(process.execPath, args);
  expect(ran.toString()).toMatch(/^\[.*\]\n$/);
  expect(ran.toString()).not.toContain("goenv");
});
