import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/bench/**"],
    pool: "forks",
    testTimeout: 20_000,
    // A test that hangs in a hook must not hold the run for minutes.
    hookTimeout: 30_000,
  },
});
