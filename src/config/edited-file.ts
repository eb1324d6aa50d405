/** The user's configuration file, as far as this router may change it. */
import type { Config } from "./types.ts";

export interface EditedFile {
  /** Full path; it need not be there. */
  readonly file: string;
  /** Folder for the versions before, for its owner alone. */
  readonly backups: string;
  /**
   * Reads the configuration with this text in the file's place.
   * @throws SwitchyardError config.invalid with every error and its position, as the CLI tells them
   */
  readonly check: (text: string) => Promise<Config>;
}
