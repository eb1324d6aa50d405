/** Where a router that was started by hand would be. */
import { loadForCommand } from "../configuration.ts";
import type { OwnAddress } from "./doors.ts";

/** Undefined where the configuration does not say. */
export const ownAddress = (options: { config?: string }): OwnAddress | undefined => {
  try {
    const { host, port } = loadForCommand(options).config.server;
    return { host, port };
  } catch {
    // What is wrong with it was said.
    return undefined;
  }
};
