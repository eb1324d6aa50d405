/** Whether two configurations decide alike, as sessions ask before they join a router. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containerConfig, referencedVariables } from "../../src/config/container.ts";
import { differingParts, identityOf } from "../../src/config/identity.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { type ConfigSource, readConfigSource } from "../../src/config/source.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "switchyard-identity-"))));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const sourceOf = (yaml: string, env: Record<string, string> = {}): ConfigSource => {
  const file = join(folder, `own-${count++}.yaml`);
  writeFileSync(file, yaml);
  return readConfigSource({ file, env, keyFiles: false });
};
const of = (yaml: string, env?: Record<string, string>) => identityOf(resolveConfig(sourceOf(yaml, env)));

const usual = `
providers:
  near: { dialect: openai-chat, baseUrl: "http://localhost:11434/v1", keys: [] }
  far: { dialect: anthropic, baseUrl: "https://far.example", keys: ["\${FAR_KEY:-}"] }
routes: { default: ["far,big", "near,small"] }
aliases: { quick: "near,small" }
profiles: { blue: { models: { sonnet: "near,blue" }, contextWindow: 100000 } }
rules:
  - name: night
    when: { hours: "22:00-06:00" }
    use: ["near,small"]
budgets: [{ name: all, limit: 5, per: day }]
`;
const key = { FAR_KEY: "sk-far-0123456789" };

describe("the same decisions", () => {
  it("in another file, with its keys in another order", () => {
    const [first, ...rest] = usual.trim().split(/\n(?=\w)/);
    expect(differingParts(of(usual, key), of([...rest, first].join("\n"), key))).toEqual([]);
  });

  it("in a container, which has another address, loopback by its gateway, and profiles and presets written out", () => {
    const source = sourceOf(usual, key);
    const values = Object.fromEntries(
      referencedVariables(source).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );
    const inside = containerConfig(source, { port: 3000 });
    expect(differingParts(identityOf(resolveConfig(source)), of(inside, values))).toEqual([]);
  });
});

describe("other decisions", () => {
  it.each([
    // Some of the tracked profiles take it over.
    ["another default", "far,big", "far,huge", ["routes", "profiles"]],
    ["another model of a profile", "near,blue", "near,green", ["profiles"]],
    ["another alias", 'quick: "near,small"', 'quick: "near,other"', ["aliases"]],
    ["another hour of a rule", "22:00", "21:00", ["rules"]],
    ["another budget", "limit: 5", "limit: 6", ["budgets"]],
    ["another server", "11434", "11435", ["providers"]],
  ])("%s is told by its part", (_name, from, to, parts) => {
    expect(differingParts(of(usual, key), of(usual.replace(from, to), key))).toEqual(parts);
  });

  it("another key of a provider, or none, which is in no digest to be read", () => {
    const own = of(usual, key);
    expect(differingParts(own, of(usual, { FAR_KEY: "sk-far-9876543210" }))).toEqual(["providers"]);
    expect(differingParts(own, of(usual))).toEqual(["providers"]);
    expect(JSON.stringify(own)).not.toContain("sk-far");
  });

  it("a router of an older version, which tells nothing, differs in all", () => {
    expect(differingParts(of(usual), undefined)).toHaveLength(9);
  });
});
