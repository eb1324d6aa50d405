import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchemaText } from "../../src/config/json-schema.ts";
import { place } from "./support.ts";

const read = (name: string): string => readFileSync(new URL(`../../config/${name}`, import.meta.url), "utf8");
const presets = Object.keys(parse(read("providers.yaml")) as Record<string, unknown>);

describe("presets", () => {
  test("are there for every provider of the documents", () => {
    expect(presets).toEqual(
      expect.arrayContaining([
        "anthropic",
        "openai",
        "openrouter",
        "gemini",
        "deepseek",
        "zai",
        "bigmodel",
        "moonshot",
        "dashscope",
        "groq",
        "xai",
        "mistral",
        "minimax",
        "siliconflow",
        "volcengine",
        "ollama",
        "lmstudio",
        "litellm",
        "cliproxyapi",
      ]),
    );
  });

  test.each(presets)("%s works by its name alone", (name) => {
    const provider = place(`providers: { mine: { preset: ${name} } }\n`).load().providers.get("mine");
    expect(URL.canParse(provider?.baseUrl ?? "")).toBe(true);
    // No key is set here: either none is needed, or the message names the variable.
    expect(provider?.disabled ?? "no key needed").toMatch(/^(?:no key needed|[A-Z_]+ is not set)$/);
  });

  test("every quirk has its reason beside it", () => {
    const lines = read("providers.yaml").split("\n");
    const inQuirks = lines.filter((line, i) => /^ {4}\w+:/.test(line) && i > 0);
    // A line that repeats what stands above in the same form may refer to it once for the group.
    const bare = inQuirks.filter((line) => !line.includes("#"));
    expect(bare.filter((line) => !/dropFields|inlineSystemMessages/.test(line))).toEqual([]);
  });
});

test("every figure of a model has a date and a source", () => {
  const models = parse(read("models.yaml")) as Record<string, { date?: unknown; source?: unknown }>;
  expect(Object.keys(models).length).toBeGreaterThan(25);
  const without = Object.entries(models).filter(
    ([, model]) =>
      !/^\d{4}-\d{2}-\d{2}$/.test(String(model.date)) ||
      !/^(?:https:\/\/|src\/router\/)/.test(String(model.source)),
  );
  expect(without).toEqual([]);
});

test("every price of a model that is not of one preset has its seller", () => {
  const models = parse(read("models.yaml")) as Record<string, { price?: object; seller?: string }>;
  const presets = parse(read("providers.yaml")) as Record<string, { priceList?: string[] }>;
  const sellers = new Set([
    "switchyard",
    ...Object.values(presets).flatMap(({ priceList = [] }) => priceList),
  ]);
  const priced = Object.entries(models).filter(
    ([key, { price }]) => price !== undefined && !key.includes(","),
  );
  expect(priced.length).toBeGreaterThan(25);
  expect(priced.filter(([, { seller = "" }]) => !sellers.has(seller))).toEqual([]);
});

test("the JSON Schema is that of the zod schema (else run: node scripts/schema.ts)", () => {
  expect(read("switchyard.schema.json")).toBe(jsonSchemaText());
});

test("the default file names its schema in the first line", () => {
  expect(read("default.yaml").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=./switchyard.schema.json",
  );
});
