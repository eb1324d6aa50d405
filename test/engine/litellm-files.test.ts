/** LiteLLM's configuration as each place needs it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveConfig } from "../../src/config/resolve.ts";
import { readConfigSource } from "../../src/config/source.ts";
import { litellmFiles } from "../../src/engine/litellm-files.ts";

describe("LiteLLM's configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "switchyard-litellm-files-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const files = (place: "container" | "host", yaml: string) => {
    const file = join(folder, "switchyard.yaml");
    writeFileSync(file, yaml);
    const source = readConfigSource({ file, env: {}, keyFiles: false });
    return litellmFiles(resolveConfig(source), source, { clientKey: "c", masterKey: "m", place });
  };
  const local =
    'providers: { mine: { dialect: openai-chat, baseUrl: "http://127.0.0.1:8081/v1", keys: [] } }\nroutes: { default: "mine,model" }\n';

  it("a server of this machine is reached by the gateway from a container, and directly from the host", () => {
    expect(files("container", local).config).toContain("http://host.docker.internal:8081/v1");
    const host = files("host", local).config;
    expect(host).toContain("http://127.0.0.1:8081/v1");
    expect(host).not.toContain("host.docker.internal");
  });

  it.each(["container", "host"] as const)("the user's own file is run as it is (%s)", (place) => {
    const own = "model_list: [] # at http://host.docker.internal:1\n";
    writeFileSync(join(folder, "own.yaml"), own);
    expect(files(place, "stack: { litellm: { config: own.yaml } }").config).toBe(own);
  });
});
