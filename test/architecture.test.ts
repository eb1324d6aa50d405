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

/** The one door between the CLI and the router: the `router` command starts it, nothing more. */
const exceptions = new Set(["cli/commands/router.ts -> router/main.ts"]);

/** Packages that one folder alone may import. */
const owners: Record<string, string> = {
  dockerode: "engine",
  undici: "router",
  fastify: "router",
  yaml: "config",
  zod: "config",
  commander: "cli",
  "@clack/prompts": "cli",
  "gpt-tokenizer": "router",
};

const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

interface Import {
  from: string;
  specifier: string;
}

const importsOf = (file: string): Import[] => {
  const text = readFileSync(join(source, file), "utf8");
  const pattern = /(?:^|\n)\s*(?:import|export)\b[^"'`;=()]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => ({ from: file, specifier: (match[1] ?? match[2])! }));
};

const all = files.flatMap(importsOf);

describe("architecture", () => {
  it("finds the imports it judges", () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all).toContainEqual({ from: "router/main.ts", specifier: "./app.ts" });
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
      return other === undefined || other === own ? [] : [`${from} -> ${target}`];
    });
    expect(wrong).toEqual([]);
  });
});
