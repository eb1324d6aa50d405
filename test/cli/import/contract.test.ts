/** What holds for the import from every tool: nothing is lost in silence, no key is shown, and the router takes what comes out. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { importers } from "../../../src/cli/import/index.ts";
import { asYaml } from "../../../src/cli/import/json5.ts";
import { showPath } from "../../../src/config/problems.ts";
import { yamlText } from "../../../src/config/yaml-text.ts";
import { findingsTable, summary } from "../../../src/cli/import/show.ts";
import { fixture, fixtures, importing, loaded } from "./support.ts";

/** Every key path of a parsed value that holds something that is no container, or an empty one. */
const leavesOf = (value: unknown, path: (string | number)[] = []): (string | number)[][] => {
  const below: [string | number, unknown][] = Array.isArray(value)
    ? value.map((each, i) => [i, each])
    : typeof value === "object" && value !== null
      ? Object.entries(value)
      : [];
  return below.length === 0 ? [path] : below.flatMap(([key, each]) => leavesOf(each, [...path, key]));
};

const filesOf = (place: string): string[] =>
  statSync(place).isDirectory() ? readdirSync(place).map((name) => join(place, name)) : [place];

/** Read by other means than the importer's: JSON and YAML by the library, environment files line by line. */
const keysIn = (file: string): string[] => {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".sql")) return keysInDump(text);
  if (file.endsWith(".env")) return [...text.matchAll(/^(?:export )?(\w+)=/gm)].map(([, name]) => name!);
  const value: unknown = file.endsWith(".json")
    ? JSON.parse(file.endsWith("ccr-v2.json") ? JSON.stringify(parse(asYaml(text))) : text)
    : parse(text);
  return leavesOf(value).map(showPath);
};

/** By SQLite itself: what its providers hold, the JSON in a column read as what it is. */
const keysInDump = (text: string): string[] => {
  const database = new DatabaseSync(":memory:");
  database.exec(text);
  const rows = database.prepare("SELECT * FROM providers").all();
  const value = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([, each]) => each !== null)
        .map(([name, each]) => [
          name,
          name === "settings_config" || name === "meta" ? (JSON.parse(String(each)) as unknown) : each,
        ]),
    ),
  );
  return [...leavesOf(value, ["providers"]).map(showPath), "mcp_servers"];
};

/** Whether a report speaks of a key: of it, of what it lies in, or of everything in it. */
const speaksOf = (keys: ReadonlySet<string>, key: string): boolean =>
  keys.has(key) || [...keys].some((told) => key.startsWith(`${told}.`) || key.startsWith(`${told}[`));

const everyFixture = Object.entries(fixtures).flatMap(([kind, names]) =>
  names.map((name) => [kind, name] as const),
);

it("every tool has a configuration here", () => {
  expect(Object.keys(fixtures)).toEqual(importers.map(({ kind }) => kind));
});

describe.each(everyFixture)("%s, %s", (kind, name) => {
  const place = fixture(name);
  const imported = importing(place);
  const secrets = (): string[] => imported.draft.secrets.map(({ value }) => value);
  const text = yamlText(imported.draft.document());

  it("is known by its content", () => {
    expect(imported.importer.kind).toBe(kind);
  });

  it.each(filesOf(place).map((file) => [basename(file), file]))(
    "every key of %s is in the report",
    (_, file) => {
      const told = new Set(imported.findings.filter((each) => each.file === file).map(({ key }) => key));
      expect(keysIn(file).filter((key) => !speaksOf(told, key))).toEqual([]);
    },
  );

  it("what is not taken over has a reason, and what is has a place", () => {
    for (const { outcome, to, why, line } of imported.findings) {
      expect(outcome === "mapped" || why !== "", why).toBe(true);
      expect(to !== "").toBe(outcome !== "dropped");
      expect(line).toBeGreaterThan(0);
    }
  });

  it("no key is in the configuration, or in what is shown", () => {
    const shown =
      text + findingsTable(imported.findings) + summary(imported) + JSON.stringify(imported.findings);
    for (const secret of secrets()) expect(shown).not.toContain(secret);
    expect(shown).not.toMatch(/0123456789/);
  });

  it("the router reads what comes out, and every provider of it can be asked", () => {
    const config = loaded(imported);
    for (const provider of imported.draft.providerNames)
      expect(config.providers.get(provider)?.disabled, provider).toBeUndefined();
  });

  it("a key that this machine has already is not kept again", () => {
    const env = Object.fromEntries(imported.draft.secrets.map((each) => [each.name, each.value]));
    const again = importing(place, { env });
    expect(again.draft.secrets).toEqual([]);
    expect(yamlText(again.draft.document())).toBe(text);
  });

  it("a variable that has another value on this machine is left alone", () => {
    const env = Object.fromEntries(imported.draft.secrets.map((each) => [each.name, "another"]));
    const names = importing(place, { env }).draft.secrets.map((each) => each.name);
    expect(names).toHaveLength(secrets().length);
    for (const each of names) expect(Object.keys(env)).not.toContain(each);
  });
});
