/** A checkout of one's own, as a new user has it, whose presets lead to a provider of the test instead of to the world. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCodeOf } from "../../src/shared/errors.ts";
import { root } from "./cli.ts";

export interface Checkout {
  readonly folder: string;
  /** Its `bin/switchyard`. */
  readonly switchyard: string;
  /** `config/switchyard.yaml`, which need not be there. */
  readonly config: string;
  remove(): void;
}

/** Host and port of every preset in a `providers.yaml` become those of a URL. */
export const leadPresetsTo = (url: string, file: string): void => {
  const presets = readFileSync(file, "utf8");
  // The paths stay: by them the provider of the test knows which protocol is spoken.
  writeFileSync(file, presets.replaceAll(/^( {2}baseUrl: )https?:\/\/[^/\s"]+/gm, `$1${url}`));
};

/** One at the same path again once the last is gone: Node's compile cache goes by it. */
const freshFolder = (place = 0): string => {
  const folder = join(tmpdir(), `switchyard-checkout-${process.pid}-${place}`);
  try {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  } catch (error) {
    if (systemCodeOf(error) !== "EEXIST") throw error;
    return freshFolder(place + 1);
  }
};

/** @param url every preset's host and port become this one's: `http://127.0.0.1:4711` */
export const checkout = (url: string): Checkout => {
  const folder = freshFolder();
  const at = (...path: string[]): string => join(folder, ...path);
  for (const name of ["bin", "src", "images", "package.json", "Makefile"])
    cpSync(join(root, name), at(name), { recursive: true });
  mkdirSync(at("config"));
  for (const name of ["default.yaml", "models.yaml", "profiles", "switchyard.schema.json"])
    cpSync(join(root, "config", name), at("config", name), { recursive: true });
  cpSync(join(root, "config/providers.yaml"), at("config/providers.yaml"));
  leadPresetsTo(url, at("config/providers.yaml"));
  symlinkSync(join(root, "node_modules"), at("node_modules"));
  return {
    folder,
    switchyard: at("bin/switchyard"),
    config: at("config/switchyard.yaml"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
