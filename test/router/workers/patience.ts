/** A router with workers is three processes that begin. They share a compile cache, which bin/switchyard gives them otherwise, and a busy machine has more time for them. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";

process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "switchyard-test-cache");
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
