/**
 * Run inside an image: how many modules Node finds compiled there, under the very flags with which the router runs, for its own user and for the users of the fused form. V8 takes
 * nothing that was compiled under other flags, so a cache that is full may be of no use.
 */
export const warmCacheScript = `
  const { readdirSync, readFileSync } = require("node:fs");
  const { execFileSync } = require("node:child_process");
  const commands = readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).map((id) => {
    try { return readFileSync("/proc/" + id + "/cmdline", "utf8").split("\\0"); } catch { return []; }
  });
  const router = commands.find((words) => words[0] === "node" && words.includes("--keys-file"));
  const flags = router.slice(1, router.findIndex((word) => word.endsWith("main.ts")));
  const used = execFileSync("node", [...flags, "-p", "require('node:module').getCompileCacheDir()"], {
    encoding: "utf8",
    env: { ...process.env, NODE_COMPILE_CACHE: "/opt/switchyard/.compile-cache" },
  }).trim();
  const folders = [used, ...[0, 64990, 64991].map((id) => used.replace(/-\\d+$/, "-" + id))];
  console.log(JSON.stringify({ flags, modules: folders.map((folder) => readdirSync(folder).length) }));`;

/** What the script prints. */
export interface WarmCache {
  /** Node's, before the program. */
  readonly flags: readonly string[];
  readonly modules: readonly number[];
}
