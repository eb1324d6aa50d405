/** The file of client keys, changed: by the CLI, and by every router of the project. */
import { changeAccessFile } from "./access-files.ts";
import { type ClientKeyRecord, clientKeysText, parseClientKeys } from "./client-keys.ts";

/** @throws SwitchyardError state.unusable (also: the file is damaged), and what `change` throws */
export const changeClientKeys = async <Result extends { readonly keys: readonly ClientKeyRecord[] }>(
  file: string,
  change: (keys: readonly ClientKeyRecord[]) => Result,
): Promise<Result> => {
  const { changed } = await changeAccessFile(file, (text) => {
    const result = change(parseClientKeys(text, file));
    return { text: clientKeysText(result.keys), changed: result };
  });
  return changed;
};
