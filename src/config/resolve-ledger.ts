/** `ledger` and `capture` of a checked configuration. Pure. */
import type { Problems } from "./problems.ts";
import type { RawConfig } from "./schema.ts";
import { type MapTree, positionAt } from "./tree.ts";
import type { CaptureConfig, LedgerConfig } from "./types-ledger.ts";
import { bytes, milliseconds } from "./units.ts";

const hour = 3_600_000;

/** What is wrong is told. */
export const resolveLedger = (raw: RawConfig, tree: MapTree, problems: Problems): LedgerConfig => {
  const { enabled = true, retention = "90d", totals = "730d" } = raw.ledger ?? {};
  const turns = milliseconds(retention);
  if (turns < hour) {
    const path = ["ledger", "retention"];
    problems.add(positionAt(tree, path), path, "expected 1h or more; `enabled: false` keeps nothing.");
  }
  return { enabled, retention: turns, totals: Math.max(turns, milliseconds(totals)) };
};

export const resolveCapture = (raw: RawConfig): CaptureConfig => {
  const { requests = false, answers = false, maxAge = "7d", maxSize = "500mb" } = raw.capture ?? {};
  return { requests, answers, maxAge: milliseconds(maxAge), maxSize: bytes(maxSize) };
};
