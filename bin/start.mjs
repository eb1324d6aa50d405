// Turns on Node's compile cache, then starts the control CLI. Plain JavaScript, since a .ts file loaded before the cache is on
// would have its types stripped again at every start. The cache is keyed by the sources' content, so it is never stale; where
// its folder cannot be written, Node goes on without it.
import { enableCompileCache, flushCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// It is written at the very end: what removes its folder would leave it behind.
if (process.argv[2] !== "uninstall") {
  enableCompileCache(
    process.env.NODE_COMPILE_CACHE ||
      join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "switchyard", "compile"),
  );
  // Node writes the cache when it ends; a router that is killed after days should have left one for the next.
  setTimeout(flushCompileCache, 1500).unref();
}
await import("../src/cli/main.ts");
