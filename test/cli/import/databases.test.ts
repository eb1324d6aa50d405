/** Tools that keep their configuration in an SQLite database; and texts in the encodings that Windows writes. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

describe("claude-code-router 3.x", () => {
  const configuration = {
    PORT: 3456,
    APIKEYS: [],
    Providers: [
      {
        name: "Z AI",
        api_base_url: "https://z.example/v1/chat/completions",
        api_key: "sk-z-0123456789abcdef",
        models: ["big", "small"],
        type: "openai_chat_completions",
        icon: "",
      },
      {
        name: "Deep",
        baseUrl: "https://d.example/anthropic",
        apiKey: "sk-d-0123456789abcdef",
        models: ["d1"],
        type: "anthropic_messages",
      },
    ],
    Router: {
      builtInRules: { "claude-code": { enabled: true }, codex: { enabled: true } },
      fallback: { mode: "model-chain", models: ["Deep/d1"], retryCount: 1 },
      rules: [
        {
          id: "a",
          name: "Old ones",
          enabled: true,
          type: "condition",
          condition: { left: "request.body.model", operator: "starts-with", right: "claude-3" },
          rewrites: [
            { key: "request.body.model", operation: "set", value: "Z AI/small" },
            { key: "request.body.temperature", operation: "set", value: "0.2" },
          ],
        },
        { id: "b", name: "Off", enabled: false, type: "condition", target: "Deep/d1" },
        {
          id: "c",
          name: "By team",
          enabled: true,
          type: "condition",
          condition: { left: "request.header.X-Team", operator: "==", right: "blue" },
          target: "Deep,d1",
          fallback: { mode: "off", models: [] },
        },
        { id: "d", name: "Own", enabled: true, type: "script", script: { file: "/x.js" } },
        {
          id: "e",
          name: "Pictures",
          enabled: true,
          type: "condition",
          condition: { left: "request.body.messages", operator: "contains-deep", right: "image" },
          target: "Deep/d1",
        },
      ],
    },
    profile: {
      enabled: true,
      profiles: [
        { agent: "codex", name: "Codex", enabled: true, model: "Deep/d1" },
        {
          agent: "claude-code",
          name: "Claude Code",
          enabled: true,
          scope: "global",
          model: "Z AI/big",
          haikuModel: "Z AI/small",
          env: {},
        },
      ],
    },
    theme: "dark",
  };
  const { file, open } = database(
    "config.sqlite",
    `CREATE TABLE app_config (key TEXT PRIMARY KEY, value_json TEXT, updated_at TEXT);
     INSERT INTO app_config VALUES ('config', ${quoted(configuration)}, '2026-11-01'), ('onboardingFinishedAt', '"2026-11-01"', '2026-11-01');
     CREATE TABLE api_keys (id TEXT); INSERT INTO api_keys VALUES ('k');`,
  );
  open.close();
  const exported = join(folder, "claude-code-router-data.json");
  writeFileSync(
    exported,
    JSON.stringify({ kind: "claude-code-router-data-export", version: 1, config: configuration, files: [] }),
  );

  it.each([
    ["its database", file],
    ["the file of its export", exported],
  ])("is known by %s, and sends requests where it would", async (_, place) => {
    const imported = importing(place);
    expect(imported.importer.kind).toBe("ccr");
    const config = loaded(imported);
    const of = (model: string): Promise<string[]> => targetsOf({ model }, config);
    expect(await of("claude-opus-4-1")).toEqual(["Z-AI,big", "Deep,d1"]);
    expect(await of("claude-haiku-4-5")).toEqual(["Z-AI,small", "Deep,d1"]);
    expect(await of("claude-3-5-sonnet")).toEqual(["Z-AI,small", "Deep,d1"]);
    expect((await of("Deep/d1"))[0]).toBe("Deep,d1");
    expect(config.providers.get("Deep")).toMatchObject({ dialect: "anthropic" });
    expect(config.providers.get("Deep")?.keys).toHaveLength(1);
  });

  it("says of every rule, section and table what became of it", () => {
    const findings = importing(file).findings;
    const outcomeOf = (key: string): string | undefined => findings.find((each) => each.key === key)?.outcome;
    const at = "app_config[0].value_json";
    expect(findings.filter(({ why }) => why === "not known to this importer")).toEqual([]);
    expect(
      [
        "Router.rules[0].condition",
        "Router.rules[0].rewrites[1]",
        "Router.rules[1]",
        "Router.rules[3]",
        "Router.rules[4]",
        "theme",
      ].map((key) => outcomeOf(`${at}.${key}`)),
    ).toEqual(["mapped", "dropped", "dropped", "dropped", "dropped", "dropped"]);
    expect(outcomeOf("api_keys")).toBe("dropped");
  });

  it("goes before the config.json that it has moved in from", () => {
    const both = join(folder, "both");
    mkdirSync(both);
    copyFileSync(file, join(both, "config.sqlite"));
    writeFileSync(
      join(both, "config.json"),
      JSON.stringify({ Providers: [], Router: { default: "gone,m" } }),
    );
    expect(importing(both).unread).toEqual([join(both, "config.json")]);
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
