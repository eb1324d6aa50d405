/** The ledger as it is asked over HTTP. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLedger } from "../../../src/router/ledger/ledger.ts";
import { csvCell } from "../../../src/router/ledger/export.ts";
import type { TurnRecord } from "../../../src/router/ledger/record.ts";
import { startRouter } from "../../../src/router/main.ts";
import { adminHeader, readMachineSecret } from "../../../src/shared/access-files.ts";
import { testConfig } from "../../support/config.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { day, keeping, turn as turnAt } from "./turns.ts";

closeAfterEach();

/** A week ago by the machine's clock, which the router goes by. */
const noon = Math.floor(Date.now() / day) * day - 7 * day + day / 2;
const shown = (at: number): string => new Date(at).toISOString();
const turn = (fields: Partial<TurnRecord> = {}): TurnRecord => turnAt({ at: noon, ...fields });

const hostile = '<script>alert("x")</script>,=cmd|"/c calc"!A1';

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** A router whose ledger has these turns. @param yaml its configuration */
const routerWith = async (records: readonly TurnRecord[], yaml = "") => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-ledger-http-"));
  closing({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const log = { warn: () => undefined, error: () => undefined } as never;
  const before = createLedger({ folder: join(folder, "ledger"), keeping, log });
  for (const record of records) before.append(record);
  await before.close();
  const access = join(folder, "access");
  const router = closing(
    await startRouter({
      config: testConfig(yaml),
      stateFile: join(folder, "router-state.json"),
      accessFolder: access,
      port: 0,
      write: () => undefined,
    }),
  );
  const admin = { [adminHeader]: readMachineSecret(access) ?? "" };
  const ask = async (
    path: string,
    method = "GET",
    headers: Record<string, string> = admin,
  ): Promise<Asked> => {
    const answer = await fetch(`${router.url}${path}`, { method, headers });
    const text = await answer.text();
    const isJson = (answer.headers.get("content-type") ?? "").includes("application/json");
    const json = isJson && text !== "" ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.status, headers: answer.headers, text, json };
  };
  return { folder, ask };
};

describe("usage over HTTP", () => {
  it("is told by model, of a span, and as a series", async () => {
    const { ask } = await routerWith([turn(), turn({ at: noon + day, target: "other,m2" })]);
    expect((await ask("/api/usage")).json).toMatchObject({
      by: "model",
      rows: [{ turns: 1 }, { turns: 1 }],
      total: { turns: 2, input: 200, cost: 0.5 },
    });
    const one = await ask(`/api/usage?by=provider&since=${noon}&until=${shown(noon + day)}`);
    expect(one.json).toMatchObject({ rows: [{ name: "up" }], total: { turns: 1 } });
    const series = await ask("/api/usage/series?by=model&timezone=UTC");
    expect(series.json["points"]).toMatchObject([
      { day: shown(noon).slice(0, 10), name: "up,m1" },
      { day: shown(noon + day).slice(0, 10), name: "other,m2" },
    ]);
  });

  it.each([
    "/api/usage?by=colour",
    "/api/usage?since=yesterday",
    "/api/usage?since=2026-02-31T99:00:00Z",
    "/api/usage?since=2026-02-30",
    "/api/usage?since=2026-02-30T10:00:00Z",
    "/api/usage?since=2026-02-01&since=2026-03-01",
    "/api/turns?after=yesterday",
    "/api/captures?after=req_gone",
    "/api/usage?timezone=Mars/Olympus",
    "/api/usage?modle=x",
    "/api/turns?limit=0",
    "/api/turns?outcome=won",
    "/api/usage/export?format=exe",
  ])("%s is answered with what is wrong", async (path) => {
    const { ask } = await routerWith([]);
    const { status, json } = await ask(path);
    expect([status, json]).toMatchObject([
      400,
      {
        error: {
          type: "invalid_request_error",
          message: expect.stringContaining("The query of the address"),
        },
      },
    ]);
  });

  it("needs the administrator", async () => {
    const { ask } = await routerWith([turn()]);
    for (const [method, path] of [
      ["GET", "/api/usage"],
      ["GET", "/api/usage/series"],
      ["GET", "/api/usage/export"],
      ["GET", "/api/turns"],
      ["GET", "/api/turns/x"],
      ["GET", "/api/token-stats"],
      ["POST", "/api/token-stats/reset"],
      ["GET", "/token-stats.html"],
    ] as const) {
      const { status, text } = await ask(path, method, {});
      expect([path, status]).toEqual([path, 401]);
      expect(text).not.toContain("up,m1");
    }
  });

  it("is none where the ledger is switched off", async () => {
    const { ask, folder } = await routerWith([], "ledger: { enabled: false }");
    expect(await ask("/api/usage")).toMatchObject({
      status: 404,
      json: { error: { type: "not_found_error" } },
    });
    expect(readdirSync(folder)).not.toContain("ledger");
  });
});

describe("turns over HTTP", () => {
  it("come page by page, and one by its id", async () => {
    const records = Array.from({ length: 3 }, (_, n) => turn({ at: noon + n }));
    const { ask } = await routerWith(records);
    const first = await ask("/api/turns?limit=2");
    expect(first.json["turns"]).toMatchObject([{ id: records[2]!.id }, { id: records[1]!.id }]);
    const rest = await ask(`/api/turns?limit=2&after=${String(first.json["next"])}`);
    expect(rest.json).toMatchObject({ turns: [{ id: records[0]!.id }], next: null });
    expect((await ask(`/api/turns/${records[0]!.id}`)).json).toMatchObject({
      target: "up,m1",
      attempts: [{ result: "served" }],
    });
    expect((await ask("/api/turns/req_none")).status).toBe(404);
  });
});

describe("the export", () => {
  it("as CSV has a line of each turn, and no cell that a spreadsheet runs", async () => {
    const records = [turn(), turn({ target: hostile, asked: "=1+1", tokens: null, cost: null })];
    const { ask } = await routerWith(records);
    const { text, headers } = await ask("/api/usage/export?format=csv");
    expect(headers.get("content-disposition")).toContain("switchyard-usage.csv");
    const [head, first, second, end] = text.split("\r\n");
    expect(head).toMatch(/^at,id,session,/);
    expect(first).toContain(`${shown(noon)},${records[0]!.id},s1`);
    expect(first).toContain(",done,200,,true,1,100,20,3,7,5,0.25,300,1000");
    expect(second).toContain(
      `,'=1+1,default,"${hostile.replaceAll('"', '""')}",done,200,,true,1,,,,,,,300,1000`,
    );
    expect(end).toBe("");
  });

  it.each([
    ["-2+3", "'-2+3"],
    ["@x", "'@x"],
    ["＝1+1", "'＝1+1"],
    ["\n=1", '"\'\n=1"'],
    ['a "b"\nc', '"a ""b""\nc"'],
    ["plain", "plain"],
    [-5, "-5"],
    [null, ""],
  ])("writes %j as %j", (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it("as JSON has all that is kept, over more than one page", async () => {
    const { ask } = await routerWith(Array.from({ length: 2_500 }, (_, n) => turn({ at: noon + n })));
    const { text } = await ask("/api/usage/export?format=json");
    const turns = JSON.parse(text) as { id: string; attempts: unknown[] }[];
    expect(new Set(turns.map(({ id }) => id)).size).toBe(2_500);
    expect(turns[0]?.attempts).toHaveLength(1);
    expect((await ask(`/api/usage/export?format=json&until=${noon}`)).text).toBe("[]\n");
  });
});

describe("the token statistics", () => {
  it("count from their reset on, and the ledger keeps what was before", async () => {
    const { ask } = await routerWith([turn()]);
    expect((await ask("/api/token-stats")).json).toMatchObject({
      since: null,
      requests: 1,
      tokens: { input: 100, total: 130 },
      models: [{ model: "up,m1", requests: 1 }],
    });
    const { since } = (await ask("/api/token-stats/reset", "POST")).json;
    expect((await ask("/api/token-stats")).json).toMatchObject({
      since,
      requests: 0,
      cost: null,
      models: [],
    });
    expect((await ask("/api/usage")).json).toMatchObject({ total: { turns: 1 } });
  });

  it("as a page show a name that is a script as text", async () => {
    const { ask } = await routerWith([turn({ target: hostile, cost: null })]);
    const { text, headers } = await ask("/token-stats.html");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(text).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(text).not.toContain("<script");
    expect(text).toContain("<td>unknown</td>");
  });
});
