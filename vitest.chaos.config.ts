import { defineConfig } from "vitest/config";

/** Thousands of turns, kills and reloads on loopback: `make chaos`. One file at a time, so that none starves another. */
export default defineConfig({
  test: {
    include: ["test/chaos/**/*.chaos.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
