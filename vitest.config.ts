import { defineConfig } from "vitest/config";
import { patience } from "./test/support/patience.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    expect: { poll: { timeout: patience } },
    exclude: ["test/e2e/**", "test/bench/**"],
    globalSetup: ["test/support/compile-cache.ts"],
    pool: "forks",
    // Vitest leaves one processor free, which on a machine of two is half of it; half of a run is waiting.
    maxWorkers: "100%",
    // No test needs this alone; on a busy machine those that start a dozen processes need more than 20 s. It only ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
