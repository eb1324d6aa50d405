import { defineConfig } from "vitest/config";
import { patience } from "./test/support/patience.ts";

/** Tests with the real client and a real Docker Engine. One file at a time: they share one engine and two cores. */
export default defineConfig({
  test: {
    include: ["test/e2e/**/*.e2e.ts"],
    expect: { poll: { timeout: patience } },
    globalSetup: ["test/support/compile-cache.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 180_000,
    // The first one builds the image, and its base where none can be pulled.
    hookTimeout: 900_000,
  },
});
