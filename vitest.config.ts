import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/bench/**"],
    globalSetup: ["test/support/compile-cache.ts"],
    pool: "forks",
    // Vitest leaves one processor free, which on a machine of two is half of it; half of a run is waiting.
    maxWorkers: "100%",
    testTimeout: 20_000,
    // A test that hangs in a hook must not hold the run for minutes.
    hookTimeout: 30_000,
  },
});
