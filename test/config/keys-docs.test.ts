/** Holds what the documents say of keys and of failures against the schema. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { place } from "./support.ts";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}
const schema = JSON.parse(read("config/switchyard.schema.json")) as Schema;
const provider = schema.properties?.["providers"]?.additionalProperties?.properties;

const namesOf = (items: Schema | undefined): string[] =>
  [items, ...(items?.anyOf ?? [])].flatMap((form) => Object.keys(form?.properties ?? {}));
/** Names in the first cells of the tables under a heading. */
const rowsUnder = (file: string, heading: string): string[] => {
  const [, after = ""] = read(file).split(`\n${heading}\n`);
  return [...after.split(/\n#/, 1)[0]!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);
};

test("docs/configuration.md has a row on each term of a key, and on nothing else", () => {
  const terms = namesOf(provider?.["keys"]?.items);
  expect(terms).toContain("requestsPerMinute");
  expect(rowsUnder("docs/configuration.md", "### Keys").toSorted()).toEqual(terms.toSorted());
});

test("docs/failures.md has a row on each part of a rule, and on nothing else", () => {
  const parts = namesOf(provider?.["failures"]?.properties?.["rules"]?.items);
  expect(parts).toContain("words");
  expect(rowsUnder("docs/failures.md", "## Your own rules").toSorted()).toEqual(parts.toSorted());
});

test("the examples of docs/failures.md are valid over the default", () => {
  const examples = [...read("docs/failures.md").matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text!);
  expect(examples).toHaveLength(1);
  const { failures } = place(examples[0]).load().providers.get("openrouter")!;
  expect([failures.tries, failures.rules.length]).toEqual([2, 3]);
});

test("the commented options of config/default.yaml are valid where they stand", () => {
  const sample = read("config/default.yaml").split("# More of what a provider may say:\n")[1]!;
  const lines = sample.split("\n");
  const commented = lines.slice(
    0,
    lines.findIndex((line) => !line.trim().startsWith("#")),
  );
  const options = commented
    .map((line) => line.replace(/^ {2}# {3}/, "    "))
    // What goes on in words is no option.
    .filter((line) => !/^\s+(?:more of a key|activate: "08:00" with)/.test(line));
  const text = `providers:\n  x:\n    preset: openai\n${options.join("\n")}\n`;
  const x = place(text).load({ FIRST_KEY: "first", SECOND_KEY: "second" }).providers.get("x")!;
  expect([x.keys.length, x.failures.rules.length, x.timeouts.total]).toEqual([2, 2, 3_600_000]);
});
