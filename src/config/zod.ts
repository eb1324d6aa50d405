/**
 * zod without its messages in sixty languages: they are a file each, 10 ms of every command that reads the configuration, and the
 * schemas say themselves what is expected. English, which zod loads by itself, stays. The version is pinned, so that the path holds.
 */
import { createRequire, Module } from "node:module";
import type { z as Zod } from "zod";

const load = createRequire(import.meta.url);
const languages = load.resolve("zod/v4/locales");
if (load.cache[languages] === undefined) {
  const none = new Module(languages);
  none.exports = {};
  none.loaded = true;
  load.cache[languages] = none;
}

export const z = (load("zod") as { z: typeof Zod }).z;
