/** What a line of `switchyard logs` looks like. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCollator, type Entry, mergeByTime } from "../../src/cli/logs/entry.ts";
import { redactionOf, secretsOfState } from "../../src/cli/logs/redaction.ts";
import { localTime, Names, renderAsJson, renderForPerson } from "../../src/cli/logs/render.ts";
import { painter, wantsColour } from "../../src/cli/ui/colour.ts";

const escape = "\u001B";
const now = new Date(2026, 10, 21, 12, 0, 0);
const time = (seconds: number): string => new Date(2026, 10, 21, 11, 0, seconds, 250).toISOString();

const entry = (text: string, more: Partial<Entry> = {}): Entry => ({
  time: time(1),
  text,
  source: { service: "router", workspace: "" },
  ...more,
});

const show = (
  given: Entry,
  options: { secrets?: string[]; coloured?: boolean; others?: Entry[] } = {},
): string => {
  const names = new Names();
  for (const { source } of [given, ...(options.others ?? [])]) names.add(source);
  const coloured = options.coloured ?? false;
  const redaction = redactionOf(options.secrets ?? []);
  return renderForPerson(given, names, { redaction, coloured, paint: painter(coloured), now: () => now });
};

const turn =
  '{"level":30,"time":"2026-11-21T06:33:05.649Z","rule":"default","target":"demo,echo","ms":2,"msg":"turn"}';

describe("a line for a person", () => {
  it("has the local time, the service, the level, the message, and the fields after it", () => {
    expect(show(entry(turn))).toBe("11:00:01.250 router  INFO  turn rule=default target=demo,echo ms=2");
  });

  it("a field with blanks is quoted, an error is its message, a long one is cut", () => {
    const line = {
      level: 50,
      why: "no such key",
      err: { type: "Error", message: "broken", stack: "Error: broken\n    at x" },
      tried: ["a,b"],
      words: "w".repeat(500),
      msg: "failed",
    };
    expect(show(entry(JSON.stringify(line)))).toBe(
      `11:00:01.250 router  ERROR failed why="no such key" err=broken tried=["a,b"] words=${"w".repeat(160)}…`,
    );
  });

  it.each([
    "INFO:     Uvicorn running on http://0.0.0.0:4000",
    '{"not": "ours"}',
    "{half",
    "  indented",
    "[1,2]",
  ])("what is not our own JSON stays as it is: %s", (text) => {
    expect(show(entry(text))).toBe(`11:00:01.250 router  ${text}`);
  });

  it("names stand in a column, and the folder of the workspace where there is more than one", () => {
    const alpha = entry("hi", { source: { service: "fused-router", workspace: "/w/alpha" } });
    const beta = entry("ho", { source: { service: "fused-router", workspace: "/w/beta" } });
    expect(show(alpha)).toBe("11:00:01.250 fused-router  hi");
    expect(show(alpha, { others: [beta] })).toBe("11:00:01.250 fused-router(alpha)  hi");
    expect(show(entry("x"), { others: [alpha] })).toBe(`11:00:01.250 router${" ".repeat(8)}x`);
  });

  it("another day is named, and another year", () => {
    expect(localTime(new Date(2026, 10, 20, 23, 59, 1, 2).toISOString(), now)).toBe("11-20 23:59:01.002");
    expect(localTime(new Date(2025, 10, 21, 3, 4, 5, 6).toISOString(), now)).toBe("2025-11-21 03:04:05.006");
  });

  it("nothing that a service prints moves the cursor, sets the title or rings the bell; colours stay where there are any", () => {
    const evil = "a\u001B[2J\u001B]0;title\u0007b\u0007\u001B[32mgreen\u001B[0m\rc";
    expect(show(entry(evil))).toBe(String.raw`11:00:01.250 router  ab\x07green\x0dc`);
    const coloured = show(entry(evil), { coloured: true });
    expect(coloured).toContain("\u001B[32mgreen\u001B[0m");
    for (const harmful of ["\u001B[2J", "\u001B]", "\u0007", "\r"]) expect(coloured).not.toContain(harmful);
    expect(show(entry(JSON.stringify({ level: 30, msg: "x\u001B[2J", f: "\u001B[2Jy" })))).not.toContain(
      "\u001B",
    );
  });
});

describe("colours of the log", () => {
  it("each service has one of its own, warnings are yellow, errors are red", () => {
    const other = entry("hi", { source: { service: "litellm", workspace: "" } });
    const colourOf = (line: string): string | undefined =>
      new RegExp(String.raw`${escape}\[(\d+)mrouter`).exec(line)?.[1];
    const names = { coloured: true, others: [entry(""), other] };
    const mine = colourOf(show(entry("x"), names));
    expect(mine).toMatch(/^\d+$/);
    expect(show(other, { coloured: true, others: [entry("")] })).toMatch(
      new RegExp(String.raw`${escape}\[\d+mlitellm`),
    );
    const both = new Names();
    for (const { source } of [entry(""), other]) both.add(source);
    expect(both.colour(other.source)).not.toBe(both.colour(entry("").source));
    expect(show(entry('{"level":40,"msg":"m"}'), { coloured: true })).toContain("\u001B[33mWARN");
    expect(show(entry('{"level":50,"msg":"m"}'), { coloured: true })).toContain("\u001B[31mERROR");
  });

  it.each([
    ["on a terminal", {}, true, true],
    ["not into a pipe or a file", {}, false, false],
    ["not with NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["with an empty NO_COLOR as without", { NO_COLOR: "" }, true, true],
    ["with FORCE_COLOR everywhere", { FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
    ["not with FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
    ["not on a terminal that knows none", { TERM: "dumb" }, true, false],
  ])("%s", (_name, env, isTTY, expected) => {
    expect(wantsColour(env, { isTTY })).toBe(expected);
  });
});

describe("--json", () => {
  const json = (given: Entry, secrets: string[] = []): unknown =>
    JSON.parse(renderAsJson(given, { redaction: redactionOf(secrets) }));

  it("gives our own lines whole, with service and time; other lines as msg", () => {
    expect(json(entry(turn))).toEqual({ ...(JSON.parse(turn) as object), time: time(1), service: "router" });
    expect(json(entry("plain", { source: { service: "fused-router", workspace: "/w/a" } }))).toEqual({
      msg: "plain",
      time: time(1),
      service: "fused-router",
      workspace: "/w/a",
    });
  });

  it("holds no secret", () => {
    expect(
      json(entry('{"level":30,"msg":"key sk-secret-0123456789"}'), ["sk-secret-0123456789"]),
    ).toMatchObject({
      msg: "key [redacted …6789]",
    });
  });
});

describe("secrets in a log", () => {
  const secret = 'sk-"odd\\secret/+ 0123456789';

  it.each([
    ["as it is", secret],
    ["inside JSON", JSON.stringify({ level: 30, msg: "m", key: secret })],
    ["inside JSON inside JSON", JSON.stringify({ level: 30, msg: JSON.stringify({ key: secret }) })],
    ["in an address", `GET /v1?key=${encodeURIComponent(secret)}`],
    ["with colours inside", `${secret.slice(0, 9)}\u001B[1m${secret.slice(9)}`],
    [
      "at the edge of a field that is cut",
      JSON.stringify({ level: 30, msg: "m", f: `${"x".repeat(150)}${secret}` }),
    ],
  ])("are not shown: %s", (_name, text) => {
    const redaction = redactionOf([secret]);
    for (const shown of [
      show(entry(text), { secrets: [secret] }),
      show(entry(text), { secrets: [secret], coloured: true }),
      renderAsJson(entry(text), { redaction }),
    ]) {
      expect(shown).not.toContain("odd");
      expect(shown).not.toContain("secret");
    }
  });

  it("one that begins where a line was cut off is not shown in part", () => {
    const text = `${"z".repeat(1000)}sk-0123456789abcdef`;
    const shown = show(entry(text, { cut: true }), { secrets: ["sk-0123456789abcdefghij"] });
    expect(shown).toMatch(/zzz…$/);
  });

  it("each line of one with several lines is one", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    expect(show(entry("hkiG9w0BAQEFAASC"), { secrets: [key] })).toContain("[redacted …AASC]");
  });

  it("a session's own client key, which stands in no file, is known by its form", () => {
    expect(show(entry(`x-switchyard-key: sy-${"0123456789ab".repeat(4)}`))).toContain(
      "x-switchyard-key: [redacted …89ab]",
    );
  });

  it("the keys of the state folder are known: those of clients, of LiteLLM, of a proxy; addresses and ports are not", () => {
    const state = mkdtempSync(join(tmpdir(), "switchyard-logs-"));
    try {
      const put = (folder: string, name: string, text: string): void => {
        mkdirSync(join(state, "secrets", folder), { recursive: true });
        writeFileSync(join(state, "secrets", folder, name), text);
      };
      const proxy = { HTTPS_PROXY: "http://user:proxy-pass-1@proxy:3128" };
      put(
        "p-1",
        "handover.json",
        JSON.stringify({ keys: { MY_API_KEY: "key-value-1", MY_URL: "http://address" }, proxy }),
      );
      put("stack", "litellm-keys.json", '{"LITELLM_MASTER_KEY":"master-value-1","SHORT_KEY":"short"}');
      put(
        "stack",
        "litellm.yaml",
        "general_settings:\n  master_key: written-out-1\n  x_key: os.environ/NAMED\nport: 40000000\n",
      );
      put("stack", "network.env", "HTTP_PROXY=http://u:proxy-pass-2@p:1\nSSL_CERT_FILE=/a/long/path\n");
      put("stack", "broken.json", "{");
      expect(secretsOfState(state).toSorted()).toEqual([
        "key-value-1",
        "master-value-1",
        "proxy-pass-1",
        "proxy-pass-2",
        "written-out-1",
      ]);
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  });
});

describe("several logs", () => {
  const of = (service: string, ...lines: [number, string][]): Entry[] => {
    const source = { service, workspace: "" };
    return lines.map(([seconds, text]) => ({ time: time(seconds), text, source }));
  };

  it("come in the order of their times", () => {
    const merged = mergeByTime([of("a", [1, "a1"], [4, "a4"]), of("b", [2, "b2"], [3, "b3"], [5, "b5"])]);
    expect(merged.map(({ text }) => text)).toEqual(["a1", "b2", "b3", "a4", "b5"]);
  });

  it("a stack trace keeps its order though its times are the same, and a clock that goes back moves no line before an earlier one", () => {
    const merged = mergeByTime([
      of("a", [2, "Traceback"], [2, "  File x"], [2, "  File y"], [1, "Error"]),
      of("b", [2, "other"], [3, "last"]),
    ]);
    expect(merged.map(({ text }) => text)).toEqual([
      "Traceback",
      "  File x",
      "  File y",
      "Error",
      "other",
      "last",
    ]);
  });

  it("that are followed are put in order as far as they come together", () => {
    const out: string[] = [];
    const collator = createCollator((entries) => out.push(...entries.map(({ text }) => text)));
    for (const each of [...of("a", [2, "a2"], [4, "a4"]), ...of("b", [1, "b1"], [3, "b3"])])
      collator.push(each);
    expect(out).toEqual([]);
    collator.flush();
    expect(out).toEqual(["b1", "a2", "b3", "a4"]);
  });
});
