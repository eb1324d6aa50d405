/** Every tracked profile: it resolves, routes each tier, and names nothing that is not known. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { clientSwitches } from "../../src/config/client-switches.ts";
import { profileSchemaText } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { modelInfoOf } from "../../src/config/model-info.ts";
import { targetName, type Config } from "../../src/config/types.ts";
import { underProfile } from "../../src/router/profiles/asked.ts";
import { route } from "../../src/router/rules/index.ts";
import { request } from "../support/rules.ts";

const config = resolve(import.meta.dirname, "../../config");
const read = (file: string): string => readFileSync(join(config, file), "utf8");
const names = readdirSync(join(config, "profiles")).map((file) => file.replace(/\.yaml$/, ""));
const presets = parse(read("providers.yaml")) as Record<string, { keys?: string[] }>;
const variables = Object.values(presets).flatMap(({ keys = [] }) =>
  keys.flatMap((key) => [...key.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!)),
);
const load = (env: Record<string, string>): Config =>
  loadConfig({ env, keyFiles: false, file: join(config, "default.yaml") });
const withKeys = load(Object.fromEntries(variables.map((name) => [name, "sk-0123456789"])));
const without = load({});

it("there are samples", () => expect(names.length).toBeGreaterThan(5));

it("the schema of profiles is that of the zod schema (else run: node scripts/schema.ts)", () => {
  expect(read("profile.schema.json")).toBe(profileSchemaText());
});

describe.each(names)("the profile %s", (name) => {
  const profile = withKeys.profiles.get(name)!;

  it("names its schema in the first line, and says what it is", () => {
    expect(read(`profiles/${name}.yaml`).split("\n")[0]).toBe(
      "# yaml-language-server: $schema=../profile.schema.json",
    );
    expect(profile.description).not.toBe("");
  });

  it.each(["opus", "sonnet", "haiku"] as const)("sends %s to its own model", async (tier) => {
    const asked = request({ model: `claude-${tier}-5-5` });
    const decision = await route(asked, {}, underProfile(withKeys, profile), { rawBytes: 100 });
    expect(decision.rule).toBe(tier);
    expect(decision.targets.map(targetName)).toEqual(profile.models[tier]?.map(targetName));
  });

  it("names models that config/models.yaml knows, whose window holds what it says", () => {
    for (const [tier, use] of Object.entries(profile.models))
      for (const target of use) {
        if (target.model === "*") continue;
        const info = modelInfoOf(withKeys, target);
        expect(info, targetName(target)).toBeDefined();
        // Small tasks are small.
        if (tier !== "haiku") expect(profile.contextWindow).toBeLessThanOrEqual(info?.context ?? Infinity);
        if (tier !== "haiku")
          expect(profile.maxOutputTokens ?? 0).toBeLessThanOrEqual(info?.maxOutput ?? Infinity);
      }
  });

  it("says which variable it lacks where it lacks one, and adds no provider then", () => {
    const bare = without.profiles.get(name)!;
    const keyed = Object.values(profile.models).some((use) =>
      use.some(({ provider }) => withKeys.providers.get(provider)?.auth === "key"),
    );
    if (keyed) expect(bare.disabled).toMatch(/^[A-Z][A-Z0-9_]+ is not set$/);
    else expect(bare.disabled).toBeUndefined();
    expect([...without.providers.keys()]).toEqual(["openrouter", "gemini", "anthropic", "local", "demo"]);
  });

  it("serves its own models alone, a search or an image aside", () => {
    const own = new Set(
      [...Object.values(profile.models).flat(), ...(profile.routes.default.use ?? [])].map(targetName),
    );
    for (const [at, { use }] of Object.entries(profile.routes))
      if (at !== "webSearch" && at !== "image")
        for (const target of use) expect(own).toContain(targetName(target));
  });
});

it("every switch of the client sets variables of its own", () => {
  const all = Object.values(clientSwitches).flatMap(({ env }) => Object.keys(env));
  expect(new Set(all).size).toBe(all.length);
  for (const variable of all) expect(variable).toMatch(/^[A-Z0-9_]+$/);
});
