/**
 * Node's compile cache for a run of tests: what one process has compiled, and the trees of the tracked configuration that lie
 * beside it, the next one reads. Without it each of the hundreds of processes that tests start with a home of their own would
 * strip types and compile anew, which is more than half of its processor time. The cache is keyed by the sources' content.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Called by vitest before the first test; the processes of the tests inherit the variable. @returns what ends it */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-compiled-"));
  process.env["NODE_COMPILE_CACHE"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
