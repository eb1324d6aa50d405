/** A login in a container of CLIProxyAPI's image: the stack need not run, and the browser finds the way back by a port of this machine. */
import { join } from "node:path";
import { buildProgress } from "../../engine/build-progress.ts";
import { connect } from "../../engine/connect.ts";
import { ensureImage } from "../../engine/images.ts";
import { runOneOff } from "../../engine/one-off.ts";
import { portOwner } from "../../engine/ports.ts";
import { makeFolder, writeSecretFiles } from "../../engine/stack/atomic.ts";
import { readConnections } from "../../engine/stack/connections.ts";
import { stackFiles } from "../../engine/stack/files.ts";
import { secretsDir } from "../../shared/container-layout.ts";
import { accountsDir, cliproxyapiConfigFile } from "../../stack/services/cliproxyapi.ts";
import { networkSecrets } from "../../stack/services/stack-service.ts";
import { say } from "../commands/command.ts";
import type { Loaded } from "../configuration.ts";
import { imageRequestOf } from "../stack/image-request.ts";
import { stackSecrets } from "../stack/secrets.ts";

/**
 * Makes sure of the image and of what it reads.
 * @param wanted port that the browser comes back to
 * @returns that port, where it is free, and what runs CLIProxyAPI with these options
 * @throws SwitchyardError engine.*, state.unusable
 */
export const prepareLogin = async (
  loaded: Loaded,
  folder: string,
  wanted: number | undefined,
): Promise<{
  readonly port: number | undefined;
  readonly run: (options: readonly string[]) => Promise<number>;
}> => {
  const engine = await connect(process.env);
  const files = stackFiles(loaded.stateDir);
  const request = imageRequestOf(engine, loaded);
  const onOutput = buildProgress(say);
  const image = await ensureImage(engine, "cliproxyapi", request, { env: process.env, say, onOutput });
  const names = [cliproxyapiConfigFile, ...networkSecrets];
  const secrets = stackSecrets(loaded, await readConnections(files.connections), process.env);
  await writeSecretFiles(
    files,
    new Map([...secrets.files].filter(([name]) => names.some((each) => each === name))),
  );
  await makeFolder(folder, 0o700);
  const { project } = loaded;
  const owner = wanted === undefined ? undefined : await portOwner(engine, wanted, { project });
  if (owner !== undefined)
    say(
      `port ${wanted}, to which the browser comes back, is held by ${owner.owner}: paste the address instead`,
    );
  const port = owner === undefined ? wanted : undefined;
  const run = (options: readonly string[]): Promise<number> =>
    runOneOff(engine, {
      name: `${project}-accounts-login`,
      project,
      image,
      command: options,
      uid: request.uid,
      gid: request.gid,
      mounts: [
        ...names.map((name) => ({
          source: join(files.secrets, name),
          target: `${secretsDir}/${name}`,
          readOnly: true as const,
        })),
        { source: folder, target: accountsDir },
      ],
      ...(port !== undefined && { port }),
    });
  return { port, run };
};
