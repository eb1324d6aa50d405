/** Prompts and answers, where the user wants them kept. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CaptureConfig } from "../../../src/config/types.ts";
import { CaptureStore } from "../../../src/router/ledger/capture.ts";
import { redactor } from "../../../src/shared/log.ts";
import { testConfig } from "../../support/config.ts";
import { until } from "../../support/cli.ts";
import { day, noon } from "./turns.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-capture-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const captured = (settings: Partial<CaptureConfig>, now = () => noon): CaptureStore =>
  new CaptureStore({
    folder,
    settings: () => ({ requests: false, answers: false, maxAge: 7 * day, maxSize: 1_000, ...settings }),
    redact: redactor(["sk-canary-0123456789"]),
    log: { warn: () => undefined } as never,
    now,
  });

const keep = async (store: CaptureStore, id: string, text: string): Promise<void> => {
  const capture = store.begin(id);
  capture?.request(Buffer.from(text));
  for (const part of text) capture?.answer(Buffer.from(part));
  await capture?.end();
};

const files = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:request|answer)$/.test(name))
    .toSorted();

describe("prompts and answers", () => {
  it("are not kept unless the configuration says so", async () => {
    const { capture } = testConfig("");
    expect(capture).toMatchObject({ requests: false, answers: false });
    await keep(captured(capture), "req_1", "secret plans");
    expect(existsSync(join(folder, "captures"))).toBe(false);
  });

  it("are kept each for itself, without known keys, for their owner alone", async () => {
    await keep(captured({ answers: true }), "req_1", "answer with sk-canary-0123456789 in it");
    expect(files()).toEqual(["captures/2026-11-21/req_1.answer"]);
    await keep(captured({ requests: true }), "req_2", "prompt with sk-canary-0123456789 in it");
    expect(files()).toEqual(["captures/2026-11-21/req_1.answer", "captures/2026-11-21/req_2.request"]);
    for (const name of files()) {
      expect(readFileSync(join(folder, name), "utf8")).toMatch(/^\w+ with \[redacted …6789\] in it$/);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it("that are too old go", async () => {
    const store = captured({ requests: true });
    await keep(store, "req_old", "old");
    await keep(store, "req_new", "new");
    const at = (name: string, time: number): void =>
      utimesSync(join(folder, "captures/2026-11-21", name), time / 1_000, time / 1_000);
    at("req_old.request", noon - 7 * day - 1_000);
    at("req_new.request", noon - 7 * day + 1_000);
    await store.prune();
    expect(files()).toEqual(["captures/2026-11-21/req_new.request"]);
  });

  it("that are too much go, the oldest first", async () => {
    const store = captured({ requests: true, maxSize: 1_000 });
    for (let n = 0; n < 5; n++) {
      await keep(store, `req_${n}`, "x".repeat(400));
      const time = (noon + n * 1_000) / 1_000;
      utimesSync(join(folder, `captures/2026-11-21/req_${n}.request`), time, time);
    }
    await store.prune();
    expect(files()).toEqual(["captures/2026-11-21/req_3.request", "captures/2026-11-21/req_4.request"]);
  });

  it("that are too old go also where capturing was switched off", async () => {
    await keep(captured({ requests: true, answers: true }), "req_old", "old");
    for (const name of files()) utimesSync(join(folder, name), 1, 1);
    const ends = captured({}).watch();
    await until(() => files().length === 0, "no file");
    ends();
  });

  it("never leave their folder, whatever the turn is called", async () => {
    await keep(captured({ requests: true }), "../../../etc/x", "x");
    expect(files()).toEqual(["captures/2026-11-21/_________etc_x.request"]);
  });
});

describe("the configuration", () => {
  it("takes days, and refuses to keep turns for less than an hour", () => {
    expect(testConfig("ledger: { retention: 30d }").ledger.retention).toBe(30 * day);
    expect(testConfig("ledger: { retention: 30d, totals: 1d }").ledger.totals).toBe(30 * day);
    expect(() => testConfig("ledger: { retention: 5m }")).toThrow(/ledger\.retention.*1h or more/);
  });
});
