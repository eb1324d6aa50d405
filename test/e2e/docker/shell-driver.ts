/** Runs one fused shell as `switchyard shell router|litellm` does; its options come as JSON in SHELL_DRIVER. */
import { readConfigSource } from "../../../src/config/source.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { runFusedShell } from "../../../src/engine/shell-docker.ts";
import type { BackendName } from "../../../src/shared/backends.ts";
import { messageOf, SwitchyardError } from "../../../src/shared/errors.ts";
import { checkoutRoot } from "../../../src/shared/paths.ts";

export interface DriverOptions {
  readonly backend: BackendName;
  readonly project: string;
  readonly stateDir: string;
  readonly workspace: string;
  readonly config: string;
  readonly command: readonly string[];
  readonly uid: number;
}

const options = JSON.parse(process.env["SHELL_DRIVER"] ?? "{}") as DriverOptions;
const load = { file: options.config, env: process.env, keyFiles: false };
try {
  process.exit(
    await runFusedShell({
      backend: options.backend,
      config: loadConfig(load),
      source: readConfigSource(load),
      root: checkoutRoot(),
      project: options.project,
      stateDir: options.stateDir,
      workspace: options.workspace,
      command: options.command,
      uid: options.uid,
      gid: options.uid,
      say: (line) => void process.stderr.write(`switchyard: ${line}\n`),
    }),
  );
} catch (error) {
  process.stderr.write(`${error instanceof SwitchyardError ? error.code : "bug"}: ${messageOf(error)}\n`);
  process.exit(error instanceof SwitchyardError ? error.exitStatus : 70);
}
