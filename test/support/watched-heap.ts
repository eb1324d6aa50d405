/**
 * A router in a process of its own, which tells how much of what it makes outlives the collections of young objects. Forked with the configuration's file; the flags are those of
 * bin/switchyard. Told `begin` it begins to count, told `end` it answers with the bytes that functions of the router have made since, and that are still there.
 */
import { Session } from "node:inspector/promises";
import type { HeapProfiler } from "node:inspector";
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
process.on("message", (word: "begin" | "end") => void answer(word));

const answer = async (word: "begin" | "end"): Promise<void> => {
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
