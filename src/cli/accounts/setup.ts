/** Settings of a CLIProxyAPI that the user runs, put right in its own file. */
import { copyFileSync, constants, realpathSync, writeFileSync } from "node:fs";
import { patchCliproxyapi } from "../../config/cliproxyapi-file.ts";
import { messageOf, SwitchyardError } from "../../shared/errors.ts";
import { cliproxyapiSettings } from "../../stack/cliproxyapi-settings.ts";

export interface SetUp {
  readonly changes: readonly string[];
  /** The file as it was; undefined where nothing was written. */
  readonly backup?: string;
}

/**
 * Patches the file, comments kept, with the version before beside it. Where nothing differs nothing is written.
 * @throws SwitchyardError config.invalid, state.unusable
 */
export const setUpOwn = ({ file, text }: { file: string; text: string }, dryRun: boolean): SetUp => {
  const { text: patched, changes } = patchCliproxyapi(text, file, cliproxyapiSettings);
  if (changes.length === 0 || dryRun) return { changes };
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  try {
    const real = realpathSync(file);
    const backup = `${real}.${stamp}.backup`;
    copyFileSync(real, backup, constants.COPYFILE_EXCL);
    // Not by another file in its place: CLIProxyAPI watches this one, and would not see the new one.
    writeFileSync(real, patched);
    return { changes, backup };
  } catch (error) {
    throw new SwitchyardError("state.unusable", { detail: `${file}: ${messageOf(error)}`, cause: error });
  }
};
