/** Holds the direction of imports: what may import what is written here once. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const source = resolve(import.meta.dirname, "../src");

/** Folder of src -> the folders of src that it may import. */
const allowed: Record<string, readonly string[]> = {
  shared: [],
  protocol: ["shared"],
  config: ["shared"],
  router: ["shared", "protocol", "config"],
  stack: ["shared", "config"],
  engine: ["shared", "config", "stack"],
  fuse: ["shared", "config"],
  cli: ["shared", "config", "stack", "engine", "fuse"],
};

/** The doors between the CLI and the router: `serve` starts it; and the ledger of one that has ended is read where it lies. Nothing more. */
const exceptions = new Set([
  "cli/serve.ts -> router/main.ts",
  "cli/usage/gather.ts -> router/ledger/offline.ts",
  "fuse/container-usage.ts -> router/ledger/offline.ts",
]);

/** Packages that one folder alone may import. */
const owners: Record<string, string> = {
  dockerode: "engine",
  undici: "router",
  fastify: "router",
  yaml: "config",
  zod: "config",
  commander: "cli",
  "@clack/prompts": "cli",
  "jsonc-parser": "cli",
  "gpt-tokenizer": "router",
};

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

interface Import {
  from: string;
  specifier: string;
  /** `import type`: nothing is loaded. */
  type: boolean;
  /** `import()`: loaded when it is asked for. */
  later: boolean;
}

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(source, file), "utf8");
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b(\s+type\b)?[^"'`;=()]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => ({
    from: file,
    specifier: (match[2] ?? match[3])!,
    type: match[1] !== undefined,
    later: match[3] !== undefined,
  }));
};

const all = files.flatMap(importsOf);

/** The files of src and the packages that are loaded with a file, before anything runs. */
const loadedBy = (entry: string): Set<string> => {
  const loaded = new Set([entry]);
  // A set is walked to its end while it grows.
  for (const file of loaded) {
    for (const { from, specifier, type, later } of all) {
      if (from !== file || type || later) continue;
      loaded.add(
        specifier.startsWith(".") ? relative(source, resolve(source, dirname(from), specifier)) : specifier,
      );
    }
  }
  return loaded;
};

describe("architecture", () => {
  it("finds the imports it judges", () => {
    expect(all.length).toBeGreaterThan(50);
    const found = (from: string, specifier: string): unknown =>
      all.find((each) => each.from === from && each.specifier === specifier);
    expect(found("router/main.ts", "./app.ts")).toMatchObject({ type: false, later: false });
    expect(found("router/main.ts", "../config/types.ts")).toMatchObject({ type: true });
    expect(found("cli/commands/index.ts", "./shell.ts")).toMatchObject({ later: true });
  });

  it("folders import only in the direction of the design", () => {
    const wrong = all.flatMap(({ from, specifier }) => {
      if (!specifier.startsWith(".")) return [];
      const target = relative(source, resolve(source, dirname(from), specifier));
      const [own, other] = [from.split("/")[0]!, target.split("/")[0]!];
      if (own === other || allowed[own]?.includes(other)) return [];
      const line = `${from} -> ${target}`;
      return exceptions.has(line) ? [] : [line];
    });
    expect(wrong).toEqual([]);
  });

  it("each library stays in the folder that owns it", () => {
    const wrong = all.flatMap(({ from, specifier }) => {
      const name = Object.keys(owners).find((each) => specifier === each || specifier.startsWith(`${each}/`));
      return name === undefined || from.startsWith(`${owners[name]}/`) ? [] : [`${from} imports ${name}`];
    });
    expect(wrong).toEqual([]);
  });

  it("dialects never import each other", () => {
    const wrong = all.flatMap(({ from, specifier }) => {
      const own = /^router\/dialects\/([^/]+)\//.exec(from)?.[1];
      if (own === undefined || !specifier.startsWith(".")) return [];
      const target = relative(source, resolve(source, dirname(from), specifier));
      const other = /^router\/dialects\/([^/]+)\//.exec(target)?.[1];
      // What several need stands in `shared`, which in turn knows none of them.
      if (other === "shared") return [];
      return other === undefined || other === own ? [] : [`${from} -> ${target}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(["router/main.ts", "cli/serve.ts", "cli/main.ts"])(
    "%s loads no library that reads the configuration or counts tokens: start and memory at rest would pay for it",
    (entry) => {
      const loaded = loadedBy(entry);
      // The first two files are where yaml and zod are loaded with `require`.
      for (const name of ["config/parse.ts", "config/zod.ts", "yaml", "zod", "commander", "gpt-tokenizer"])
        expect([...loaded].filter((each) => each === name || each.startsWith(`${name}/`))).toEqual([]);
    },
  );

  it("the router starts without what only some configurations and clients need: it is imported when they do", () => {
    const loaded = [...loadedBy("router/main.ts")];
    // What the form of Anthropic's clients, which is always there, is made of.
    const always = new Set(["shared", "index.ts", "dialect.ts"]);
    const early = loaded.filter((file) => {
      const [, folder, part] = file.split("/");
      if (folder === "dialects") return !always.has(part!);
      return folder === "search" || (folder === "inbound" && part!.startsWith("openai-"));
    });
    expect(early).toEqual([]);
  });

  it("the walk that says so finds what is far away", () => {
    expect(loadedBy("router/main.ts")).toContain("fastify");
    expect(loadedBy("router/main.ts")).toContain("router/dialects/shared/search-tool.ts");
    expect(loadedBy("router/dialects/openai-chat/index.ts")).toContain("router/dialects/shared/tool-ids.ts");
    const reads = loadedBy("config/load.ts");
    expect([reads.has("config/parse.ts"), reads.has("config/zod.ts")]).toEqual([true, true]);
  });
});
