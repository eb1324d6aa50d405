/** The tag of an image: the same for the same contents, another for any change that matters. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentHash } from "../../src/engine/content-hash.ts";

describe("content hash", () => {
  let root: string;
  const hash = (args: Record<string, string> = { VERSION: "1" }): string =>
    contentHash(root, ["src", "package.json"], args, (path) => path.endsWith("mine.yaml"));
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "switchyard-hash-"));
    mkdirSync(join(root, "src/deep"), { recursive: true });
    writeFileSync(join(root, "src/deep/a.ts"), "one");
    writeFileSync(join(root, "src/b.ts"), "two");
    writeFileSync(join(root, "package.json"), "{}");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is the same for the same contents, whenever they were written", () => {
    const before = hash();
    writeFileSync(join(root, "src/b.ts"), "two");
    expect(hash()).toBe(before);
    expect(before).toMatch(/^[0-9a-f]{12}$/);
  });

  it("changes with a file's text, its name, its mode, a new file and an argument", () => {
    const seen = [hash()];
    writeFileSync(join(root, "src/b.ts"), "three");
    seen.push(hash());
    chmodSync(join(root, "src/b.ts"), 0o755);
    seen.push(hash());
    writeFileSync(join(root, "src/c.ts"), "");
    seen.push(hash());
    seen.push(hash({ VERSION: "2" }));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("text that moves from one file to the next is a change", () => {
    writeFileSync(join(root, "src/b.ts"), "twofour");
    writeFileSync(join(root, "src/c.ts"), "");
    const before = hash();
    writeFileSync(join(root, "src/b.ts"), "two");
    writeFileSync(join(root, "src/c.ts"), "four");
    expect(hash()).not.toBe(before);
  });

  it("the user's own files are no part of it", () => {
    const before = hash();
    writeFileSync(join(root, "src/mine.yaml"), "key: secret");
    expect(hash()).toBe(before);
  });
});
