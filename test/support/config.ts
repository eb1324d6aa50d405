/** A configuration from YAML as a user would write it, without a file on disk that outlives the call. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/types.ts";

/** @param yaml the user's configuration; @param env the variables it refers to */
export const testConfig = (yaml: string, env: Record<string, string> = {}): Config => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-config-"));
  try {
    const file = join(folder, "switchyard.yaml");
    writeFileSync(file, yaml);
    return loadConfig({ file, env, keyFiles: false });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
