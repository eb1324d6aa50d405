import { defineConfig } from "vitest/config";
import { patience } from "./test/support/patience.ts";

/** Thousands of turns, kills and reloads on loopback: `make chaos`. One file at a time, so that none starves another. */
export default defineConfig({
  test: {
    include: ["test/chaos/**/*.chaos.ts"],
    expect: { poll: { timeout: patience } },
    pool: "forks",
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
