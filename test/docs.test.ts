/** Holds the documentation against what it is about: every key, preset, quirk and error is in it, and nothing that it names is missing. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { commands } from "../src/cli/commands/index.ts";
import { loadScript } from "../src/router/rules/custom/script-load.ts";
import type { RuleScriptConfig, RuleScriptRequest } from "../src/router/rules/custom/script-types.ts";
import { rulesOf } from "../src/router/rules/index.ts";
import { loadConfig } from "../src/config/load.ts";
import type { Config } from "../src/config/types.ts";
import { backends } from "../src/shared/backends.ts";
import { errorTable } from "../src/shared/errors.ts";
import { servicesStack, stackServices } from "../src/stack/services/services.ts";

const root = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");

const configuration = read("docs/configuration.md");
const troubleshooting = read("docs/troubleshooting.md");

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** The cells of the tables' rows, by the name in their first cell. A cell may name more than one. */
const rowsOf = (text: string): Map<string, string[]> => {
  const rows = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    if (!line.startsWith("| `")) continue;
    const cells = line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim());
    for (const [, name] of cells[0]!.matchAll(/`([^`]+)`/g)) rows.set(name!, cells);
  }
  return rows;
};

/** The part of a text under a heading, up to the next heading of any level. */
const sectionOf = (text: string, heading: string): string => {
  const lines = text.split("\n");
  const from = lines.indexOf(heading);
  expect(from, `${heading} is a heading`).toBeGreaterThanOrEqual(0);
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith("#"));
  return lines.slice(from, length < 0 ? undefined : from + 1 + length).join("\n");
};

const schema = JSON.parse(read("config/switchyard.schema.json")) as Schema;

const entryOf = (name: string): Schema => {
  const entry = schema.properties?.[name]?.additionalProperties;
  if (typeof entry !== "object") throw new Error(`${name} is no map by name in the schema`);
  return entry;
};

/** `server.host`, `stack.fused.cpus`: the keys of an object of the schema that hold a value. */
const leavesOf = (prefix: string, at: Schema | undefined): string[] =>
  Object.entries(at?.properties ?? {}).flatMap(([name, below]) =>
    below.properties === undefined ? [`${prefix}${name}`] : leavesOf(`${prefix}${name}.`, below),
  );

describe("docs/configuration.md", () => {
  const sections = Object.keys(schema.properties ?? {});
  it.each(sections)("has a section on %s", (name) => {
    expect(configuration.split("\n")).toContain(`## \`${name}\``);
  });

  const settings = ["server", "log", "routes", "search", "ledger", "capture", "stack"].flatMap((name) =>
    leavesOf(`${name}.`, schema.properties?.[name]),
  );
  it.each(settings)("has a row on %s", (key) => {
    expect([...rowsOf(configuration).keys()]).toContain(key);
  });

  const { quirks: ofQuirks, ...ofProviders } = entryOf("providers").properties ?? {};
  it.each(["quirks", ...leavesOf("", { properties: ofProviders })])("has a row on a provider's %s", (key) => {
    expect([...rowsOf(sectionOf(configuration, "## `providers`")).keys()]).toContain(key);
  });

  it.each(leavesOf("", entryOf("models")))("has a row on a model's %s", (key) => {
    expect([...rowsOf(sectionOf(configuration, "## `models`")).keys()]).toContain(key);
  });

  const quirkRows = rowsOf(sectionOf(configuration, "### Quirks"));
  it.each(Object.entries(ofQuirks?.properties ?? {}))(
    "says of the quirk %s what the schema says",
    (name, at) => {
      expect(quirkRows.get(name)?.at(-1)).toBe(at.description);
    },
  );
  it("has no quirk that is none", () => {
    expect(Object.keys(ofQuirks?.properties ?? {})).toEqual([...quirkRows.keys()]);
  });

  const presets = parse(read("config/providers.yaml")) as Record<
    string,
    { baseUrl: string; dialect: string; keys: string[] }
  >;
  const presetRows = rowsOf(sectionOf(configuration, "### Presets"));
  it.each(Object.entries(presets))("has the preset %s with address, dialect and variable", (name, preset) => {
    const variable = /\$\{(\w+)\}/.exec(preset.keys[0] ?? "")?.[1];
    expect(presetRows.get(name)?.slice(1, 4)).toEqual([
      `\`${preset.baseUrl}\``,
      `\`${preset.dialect}\``,
      variable === undefined ? "none" : `\`${variable}\``,
    ]);
  });
  it("has no preset that is none", () => {
    expect(Object.keys(presets)).toEqual([...presetRows.keys()]);
  });

  it("lists the rules in the order in which they are asked", () => {
    const config = loadConfig({ env: {}, keyFiles: false, file: join(root, "config/default.yaml") });
    const listed = sectionOf(configuration, "### The rules, in order")
      .split("\n")
      .filter((line) => /^\d+\. /.test(line))
      .flatMap((line) => [...line.split(/:|\.$/, 1)[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(listed).toEqual(rulesOf(config).map(({ name }) => name));
  });
});

/** The configuration with a file of the user's own over the default. */
const loadWith = (text: string): Config => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-docs-"));
  try {
    const mine = join(folder, "switchyard.yaml");
    writeFileSync(mine, text);
    // What the example of a script in docs/rules.md names.
    writeFileSync(join(folder, "my-router.ts"), "export default () => null;\n");
    return loadConfig({ env: {}, keyFiles: false, file: mine });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

describe.each([
  "README.md",
  "docs/access.md",
  "docs/configuration.md",
  "docs/keys.md",
  "docs/litellm.md",
  "docs/rules.md",
])("the examples of %s", (file) => {
  const examples = [...read(file).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example]) => example!);
  it.each(examples)("are valid over the default: %s", (example) => {
    expect(loadWith(example).files.some((file) => file.includes("switchyard-docs-"))).toBe(true);
  });
});

describe("docs/rules.md", () => {
  const rules = read("docs/rules.md");
  const conditions = Object.keys(schema.properties?.["rules"]?.items?.properties?.["when"]?.properties ?? {});
  it("has a row on every condition, and on nothing that is none", () => {
    expect([...rowsOf(sectionOf(rules, "## Rules of your own")).keys()].toSorted()).toEqual(
      conditions.toSorted(),
    );
  });

  it("shows a script that runs, and its types", async () => {
    const [, example = ""] = /^```ts\n(.*?)^```$/ms.exec(rules) ?? [];
    const script = await loadScript({ file: undefined, name: "my-router.ts", text: example });
    const asked = { body: { max_tokens: 60_000 }, tokenCount: 10, lastUser: "" } as RuleScriptRequest;
    expect(await script(asked, {} as RuleScriptConfig)).toBe("openrouter,x-ai/grok-4.1-fast");
    const quick = { body: { max_tokens: 1 }, tokenCount: 10, lastUser: "/quick fix" } as RuleScriptRequest;
    expect(await script(quick, {} as RuleScriptConfig)).toEqual(["local,qwen3-coder:30b", "demo,echo"]);
    const [, types = ""] = /from "\.\.\/(.*)"/.exec(example) ?? [];
    expect(existsSync(join(root, types))).toBe(true);
  });
});

describe("docs/troubleshooting.md", () => {
  const rows = rowsOf(troubleshooting);
  it.each(Object.entries(errorTable))("has %s in the words that a user sees", (code, { message }) => {
    expect(rows.get(code)?.[1]).toBe(message);
  });
  it("has no code that is none", () => {
    const named = [...rows.keys()].filter((name) => /^[a-z]+\.[a-zA-Z]+$/.test(name));
    expect(named.filter((name) => !Object.hasOwn(errorTable, name))).toEqual([]);
  });
});

describe("docs/stack.md", () => {
  const stack = read("docs/stack.md");
  it.each(stackServices.map(({ name }) => name))("says what the service %s is", (name) => {
    expect([...rowsOf(sectionOf(stack, "## What `up` starts")).keys()]).toContain(name);
  });

  it("names every option of the switch and of clean", async () => {
    for (const name of ["switch", "clean"]) {
      const command = new Command(name);
      const module = await commands.find((each) => each.name === name)!.load();
      module.configure(command);
      const options = command.options.map(({ long }) => long!).filter((long) => long !== "--config");
      expect(options.filter((long) => !stack.includes(`\`${long}`))).toEqual([]);
    }
  });

  it("names every override file that is read", () => {
    const names = [...Object.values(backends).map(({ fusedService }) => fusedService), servicesStack.name];
    const rows = [...rowsOf(sectionOf(stack, "## Additions of your own")).keys()];
    expect(rows.filter((name) => name.startsWith("override.")).toSorted()).toEqual(
      ["override.yaml", ...names.map((name) => `override.${name}.yaml`)].toSorted(),
    );
  });
});

describe("docs/litellm.md", () => {
  it("names the versions that are refused, and the default", () => {
    const versions = sectionOf(read("docs/litellm.md"), "## Versions");
    const { stack } = loadConfig({ env: {}, keyFiles: false, file: join(root, "config/default.yaml") });
    expect(versions).toContain(`\`${stack.litellm.version}\``);
    for (const version of ["1.82.7", "1.82.8", "1.100.0"]) {
      expect(versions).toContain(version);
      expect(() => loadWith(`stack: { litellm: { version: "${version}" } }`)).toThrow(version);
    }
  });
});

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

const anchorsIn = (file: string): string[] =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

describe.each(documents)("%s", (file) => {
  const text = read(file);

  it("has no link that leads nowhere", () => {
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter((link) => !/^[a-z]+:/i.test(link))
      .filter((link) => {
        const [path = "", anchor] = link.split("#", 2);
        const target = path === "" ? file : relative(root, resolve(root, dirname(file), path));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchorsIn(target).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it("names no make target and no command that is not there", () => {
    const targets = new Set([...read("Makefile").matchAll(/^([a-z][a-z-]*):/gm)].map(([, name]) => name!));
    const fenced = text.split(/^```.*$/m).filter((_part, i) => i % 2 === 1);
    const code = [
      ...fenced.flatMap((part) => part.split("\n")),
      ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, part]) => part!),
    ].map((part) => part.replace(/^(?:\S+=\S* )+(?=make )/, ""));
    const named = code.flatMap((part) => [
      ...(/^make ([a-z][a-z-]*)/.exec(part)?.slice(1) ?? []).filter((name) => !targets.has(name)),
      ...(/^(?:bin\/)?switchyard ([a-z][a-z-]*)/.exec(part)?.slice(1) ?? []).filter(
        (name) => !commands.some((command) => command.name === name),
      ),
    ]);
    expect(named).toEqual([]);
  });
});
