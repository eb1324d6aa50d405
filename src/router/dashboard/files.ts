/** The files of the page, read once, when the first of them is asked for. Nothing else of the disk can be reached through it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

export interface PageFiles {
  readonly index: PageFile;
  /** By their path below `/`: `assets/<version>/app.js`. The version is made of all contents: such a path never means other bytes. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** A file of a package, under the name that the page's modules import it by. */
interface Library {
  readonly module: string;
  /** A browser knows no bare names: what one library imports of another is given as the file beside it. */
  readonly change?: (text: string) => string;
}

const libraries: Readonly<Record<string, Library>> = {
  "preact.js": { module: "preact" },
  "hooks.js": {
    module: "preact/hooks",
    change: (text) => text.replaceAll(/from\s*"preact"/g, 'from"./preact.js"'),
  },
  "htm.js": { module: "htm" },
  // Its smallest form is a script that sets a variable.
  "uplot.js": {
    module: "uplot/dist/uPlot.iife.min.js",
    change: (text) => `${text}\nexport default uPlot;\n`,
  },
  "uplot.css": { module: "uplot/dist/uPlot.min.css" },
};

/** Sums are shown as the CLI and errors show them. */
const dollarsModule = new URL("../../shared/dollars.ts", import.meta.url);

const withoutMap = (text: string): string => text.replaceAll(/^\/[/*]# sourceMappingURL=.*$/gm, "");

const digest = (bytes: string | Buffer): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, 16);

const fileOf = (name: string, text: string): PageFile => {
  const body = Buffer.from(text);
  return { type: types[extname(name)] ?? "application/octet-stream", body, etag: `"${digest(body)}"` };
};

/** Stands in index.html for the folder of the assets. */
const placeholder = "{assets}";

/** @throws what the file system says, or an error where a library is not installed */
export const readPageFiles = (): PageFiles => {
  const folder = fileURLToPath(new URL("page/", import.meta.url));
  const texts = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted())
    if (extname(name) in types)
      texts.set(name.replaceAll("\\", "/"), readFileSync(join(folder, name), "utf8"));
  for (const [name, { module, change }] of Object.entries(libraries)) {
    const text = withoutMap(readFileSync(fileURLToPath(import.meta.resolve(module)), "utf8"));
    texts.set(`lib/${name}`, change?.(text) ?? text);
  }
  texts.set("lib/dollars.js", stripTypeScriptTypes(readFileSync(dollarsModule, "utf8")));
  const index = texts.get("index.html") ?? "";
  texts.delete("index.html");
  const version = digest([...texts].flat().join("\0"));
  return {
    index: fileOf("index.html", index.replaceAll(placeholder, `assets/${version}`)),
    assets: new Map([...texts].map(([name, text]) => [`assets/${version}/${name}`, fileOf(name, text)])),
  };
};
