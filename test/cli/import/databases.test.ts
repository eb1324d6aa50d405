/** Tools that keep their configuration in an SQLite database; and texts in the encodings that Windows writes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { targetsOf } from "../../support/rules.ts";
import { fixture, importing, loaded } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-databases-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const database = (name: string, sql: string): { file: string; open: DatabaseSync } => {
  const file = join(folder, name);
  const open = new DatabaseSync(file);
  open.exec(sql);
  return { file, open };
};
const quoted = (value: object): string => `'${JSON.stringify(value).replaceAll("'", "''")}'`;

describe("the database of cc-switch", () => {
  it("says what its export says", () => {
    const { file, open } = database("cc-switch.db", readFileSync(fixture("cc-switch.sql"), "utf8"));
    open.close();
    const [fromDatabase, fromExport] = [importing(file), importing(fixture("cc-switch.sql"))];
    expect(fromDatabase.importer.kind).toBe("cc-switch");
    expect(fromDatabase.draft.document()).toEqual(fromExport.draft.document());
    expect(fromDatabase.draft.secrets).toEqual(fromExport.draft.secrets);
  });

  it("is read with what its program has not merged yet, and nothing is written beside it", () => {
    const settings = quoted({
      env: { ANTHROPIC_BASE_URL: "https://a.example", ANTHROPIC_AUTH_TOKEN: "key-0123456789abcdef" },
    });
    const { file, open } = database(
      "live.db",
      `PRAGMA journal_mode = WAL; CREATE TABLE providers (id TEXT, app_type TEXT, name TEXT, settings_config TEXT, meta TEXT, is_current BOOLEAN);
       INSERT INTO providers VALUES ('1', 'claude', 'New', ${settings}, '{}', 1);
       CREATE TABLE proxy_request_logs (request_id TEXT); INSERT INTO proxy_request_logs VALUES ('a'), ('b');`,
    );
    const before = readdirSync(folder).toSorted();
    const { draft, findings } = importing(file);
    expect(readdirSync(folder).toSorted()).toEqual(before);
    expect(draft.document()["routes"]).toMatchObject({ default: "a,*" });
    expect(findings).toContainEqual(
      expect.objectContaining({ key: "proxy_request_logs", outcome: "dropped" }),
    );
    open.close();
  });

  it("a provider whose protocol is OpenAI's is asked in that", () => {
    const settings = quoted({
      env: { ANTHROPIC_BASE_URL: "https://a.example/v1", ANTHROPIC_AUTH_TOKEN: "key-0123456789abcdef" },
    });
    const { file, open } = database(
      "format.db",
      `CREATE TABLE providers (id TEXT, app_type TEXT, name TEXT, settings_config TEXT, meta TEXT, is_current BOOLEAN);
       INSERT INTO providers VALUES ('1', 'claude', 'New', ${settings}, '{"apiFormat":"openai_chat","costMultiplier":"2"}', 1);`,
    );
    open.close();
    const imported = importing(file);
    expect(loaded(imported).providers.get("a")).toMatchObject({
      dialect: "openai-chat",
      baseUrl: "https://a.example/v1",
    });
    expect(imported.findings).toContainEqual(
      expect.objectContaining({ key: "providers[0].meta.apiFormat", outcome: "mapped" }),
    );
  });

  it("one that is damaged is refused with what to do", () => {
    const file = join(folder, "damaged.db");
    writeFileSync(file, Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(200, 7)]));
    expect(() => importing(file)).toThrow(/damaged\.db is an SQLite database that cannot be read/);
  });
});

describe("a file as Windows writes it", () => {
  const text = readFileSync(fixture("ccr-v1.json"), "utf8").replaceAll("\n", "\r\n");
  const wide = Buffer.from(`\uFEFF${text}`, "utf16le");
  it.each([
    ["with the mark of UTF-8", Buffer.from(`\uFEFF${text}`)],
    ["in UTF-16, as PowerShell's > writes it", wide],
    ["in UTF-16 with the larger byte first", Buffer.from(wide).swap16()],
  ])("is read %s", async (name, bytes) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.json`);
    writeFileSync(file, bytes);
    const imported = importing(file);
    expect(imported.findings).toEqual(
      importing(fixture("ccr-v1.json")).findings.map((finding) => ({ ...finding, file })),
    );
    expect(await targetsOf({ model: "claude-sonnet-4-5" }, loaded(imported))).toEqual([
      "deepseek,deepseek-chat",
    ]);
  });

  it("one that is no text is refused", () => {
    const file = join(folder, "picture.json");
    writeFileSync(file, Buffer.from([0x89, 0x50, 0, 0, 1]));
    expect(() => importing(file)).toThrow(/picture\.json is no text/);
  });
});
