/** Which of the user's own compose files are laid over which document. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { overridesFor } from "../../src/engine/overrides.ts";

describe("the user's own additions", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-overrides-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const found = (service: string): string[] =>
    overridesFor(folder, service, [service]).map((file) => file.slice(folder.length + 1));

  it("none are there: none are used", () => {
    expect(found("fused-router")).toEqual([]);
  });

  it("override.yaml is for the document whose service it changes: another would refuse it", () => {
    write("override.yaml", "services:\n  helper: { image: x }\n  fused-router: { mem_limit: 1g }\n");
    expect(found("fused-router")).toEqual(["override.yaml"]);
    expect(found("fused-litellm")).toEqual([]);
  });

  it("one that adds services of the user's own, and changes none of ours, is for the stack", () => {
    write("override.yaml", "services: { database: { image: x } }\n");
    expect(found("fused-router")).toEqual([]);
    expect(overridesFor(folder, "services", ["router", "litellm", "claude-code"])).toHaveLength(1);
  });

  it("one that changes a service of the stack is not laid over a fused container", () => {
    write("override.yaml", "services: { litellm: { mem_limit: 3g } }\n");
    expect(found("fused-router")).toEqual([]);
    expect(overridesFor(folder, "services", ["router", "litellm", "claude-code"])).toHaveLength(1);
  });

  it("one that names no service is for every document", () => {
    write("override.yaml", "networks: { default: { driver: bridge } }\n");
    expect(found("fused-router")).toEqual(["override.yaml"]);
    expect(found("fused-litellm")).toEqual(["override.yaml"]);
  });

  it("one that cannot be read is left to compose, which says what is wrong with it", () => {
    write("override.yaml", "services: [\n");
    expect(found("fused-litellm")).toEqual(["override.yaml"]);
  });

  it("a document may have a file of its own", () => {
    write("override.yaml", "services: { fused-router: { mem_limit: 1g } }\n");
    write("override.fused-litellm.yaml", "services: { fused-litellm: { mem_limit: 3g } }\n");
    expect(found("fused-router")).toEqual(["override.yaml"]);
    expect(found("fused-litellm")).toEqual(["override.fused-litellm.yaml"]);
  });
});
