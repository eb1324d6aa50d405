/**
 * A router in a process of its own, which tells how much of what it makes outlives the collections of young objects. Forked with the configuration's file; the flags are those of
 * bin/switchyard. Told `begin` it begins to count, told `end` it answers with the bytes that functions of the router have made since, and that are still there; told `collections`,
 * with how often the whole heap was collected since it was told that last; told `collect`, it has all of it collected, and answers with the bytes of buffers that live.
 */
import { Session } from "node:inspector/promises";
import type { HeapProfiler } from "node:inspector";
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { constants, PerformanceObserver } from "node:perf_hooks";
import { loadConfig } from "../../src/config/load.ts";
import { startRouter } from "../../src/router/main.ts";

const sizeOf = ({ callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode): number =>
  children.reduce((sum, each) => sum + sizeOf(each), callFrame.url.includes("/src/router/") ? selfSize : 0);

/** Young objects that no compiler leaves out: 200 KB a time. */
const litter = JSON.stringify(Array.from({ length: 5_000 }, (_, n) => ({ n })));

const config = loadConfig({ file: process.argv[2]!, env: {}, keyFiles: false });
const router = await startRouter({ config, port: 0, write: () => undefined });
const session = new Session();
session.connect();
await session.post("HeapProfiler.enable");
/** Made reachable here and not by an option: the options are the router's own. */
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

export type Word = "begin" | "end" | "collect" | "collections";
process.on("message", (word: Word) => void answer(word));

let collections = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { kind } = (entry as typeof entry & { readonly detail: { readonly kind: number } }).detail;
    if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections += 1;
  }
}).observe({ entryTypes: ["gc"] });

const answer = async (word: Word): Promise<void> => {
  if (word === "collect") {
    gc();
    process.send!(process.memoryUsage().arrayBuffers);
    return;
  }
  if (word === "collections") {
    process.send!(collections);
    collections = 0;
    return;
  }
  if (word === "begin") {
    await session.post("HeapProfiler.startSampling", {
      samplingInterval: 4096,
      // A collection of the whole heap hides nothing.
      includeObjectsCollectedByMajorGC: true,
    });
    process.send!("counting");
    return;
  }
  for (let i = 0; i < 1_000; i++) JSON.parse(litter);
  const { profile } = await session.post("HeapProfiler.stopSampling");
  process.send!(sizeOf(profile.head));
};
process.send!(router.url);
