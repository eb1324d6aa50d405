/** The profile of requests that name none in their path: chosen while the router runs, and kept over its restarts. */
import { join } from "node:path";
import { accessFiles } from "../../shared/access-files.ts";
import { parseDefaultProfile, writeDefaultProfile } from "../../shared/default-profile.ts";
import { toldOf } from "../../shared/told.ts";
import type { Logger } from "../../shared/log.ts";
import { WatchedFile } from "../clients/watched-file.ts";

export class DefaultProfile {
  readonly #folder: string | undefined;
  readonly #file: WatchedFile<string | undefined> | undefined;
  #inMemory: string | undefined;

  /** @param options.folder of its file, which other routers of the project and the CLI write too; undefined: in memory alone */
  constructor(options: { readonly folder: string | undefined; readonly log: Pick<Logger, "error"> }) {
    const { folder, log } = options;
    this.#folder = folder;
    if (folder === undefined) return;
    this.#file = new WatchedFile({
      file: join(folder, accessFiles.profile),
      parse: parseDefaultProfile,
      onProblem: (error) => log.error({ code: error.code }, toldOf(error)),
      now: Date.now,
    });
  }

  /** Its name; undefined: the configuration's own routes. It may name a profile that is no more. */
  get name(): string | undefined {
    return this.#file === undefined ? this.#inMemory : this.#file.read();
  }

  /** Another process of this router may have set it a moment ago. @param inMemory what it set, where there is no file */
  look(inMemory: string | undefined): void {
    this.#inMemory = inMemory;
    this.#file?.read(true);
  }

  /** @throws SwitchyardError state.unusable */
  set(name: string | undefined): void {
    this.#inMemory = name;
    if (this.#folder === undefined || this.#file === undefined) return;
    writeDefaultProfile(this.#folder, name);
    this.#file.read(true);
  }
}
