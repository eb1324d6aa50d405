/**
 * A shell's own command watches the user's files for the router beside it: on the host its keys (it watches the configuration itself), in a container
 * all of it. What is not valid is not passed on.
 */
import type { Engine } from "../../engine/connect.ts";
import { reloadInContainer } from "../../engine/fused-router.ts";
import { secretsFor } from "../../engine/handover.ts";
import { possibleFiles, watchFiles } from "../../config/watch.ts";
import { backends } from "../../shared/backends.ts";
import { keysOf, loadForCommand, type Loaded } from "../configuration.ts";

/** Calls `take` with each valid configuration after a change. @returns ends it */
const follow = (loaded: Loaded, take: (changed: Loaded) => void): (() => void) => {
  const { configFile: file } = loaded;
  const filesOf = ({ config }: Loaded): string[] => [
    ...config.files,
    ...possibleFiles({ env: process.env, file, keyFiles: true }),
  ];
  const watched = watchFiles(filesOf(loaded), () => {
    let changed: Loaded;
    try {
      changed = loadForCommand(file === undefined ? {} : { config: file });
    } catch {
      // The client fills the terminal; `switchyard status` and `switchyard reload` say what is wrong.
      return;
    }
    watched.follow(filesOf(changed));
    take(changed);
  });
  return () => watched.close();
};

export const followOnHost =
  (loaded: Loaded) =>
  (send: (variables: Readonly<Record<string, string>>) => void): (() => void) => {
    let last = JSON.stringify(keysOf(loaded.source));
    return follow(loaded, ({ source }) => {
      const keys = keysOf(source);
      const text = JSON.stringify(keys);
      if (text !== last) send(keys);
      last = text;
    });
  };

export const followInContainer =
  (loaded: Loaded) =>
  (engine: Engine, container: string): (() => void) => {
    let busy: Promise<unknown> = Promise.resolve();
    return follow(loaded, ({ config, source }) => {
      const push = (): Promise<unknown> =>
        reloadInContainer(engine, container, secretsFor(config, source, process.env, backends.router));
      // One after the other; the container may be ending, or its router say no: its log tells that.
      busy = busy.then(push).catch(() => undefined);
    });
  };
