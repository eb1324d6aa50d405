/** Ollama beside the stack: its service, and how what the configuration says of this machine's Ollama leads to it. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { containerConfig } from "../../src/config/container.ts";
import { renderStack } from "../../src/stack/compose.ts";
import type { ComposeDocument } from "../../src/stack/document.ts";
import { portableStack } from "../../src/stack/placement.ts";
import { servicesStack, withServices } from "../../src/stack/services/services.ts";
import { place } from "../config/support.ts";

const yaml = (stack: string): string =>
  `providers: { mine: { preset: ollama } }\nroutes: { default: "mine,qwen3-coder:30b" }\nstack: { ${stack} }\n`;
const on = "ollama: { enabled: true, port: 11500, contextLength: 32768, version: 1.2.3 }";
const documentOf = (text: string): ComposeDocument =>
  parse(renderStack(servicesStack, place(text).load(), portableStack)) as ComposeDocument;

describe("the stack", () => {
  it("has no Ollama, and no volume for one, where nobody asked for it", () => {
    const { services, volumes } = documentOf(yaml(""));
    expect(Object.keys(services)).not.toContain("ollama");
    expect(Object.keys(volumes ?? {})).toEqual(["client"]);
  });

  it("has it with its models in a volume, for this machine alone, with room for the client's prompts", () => {
    const { services, volumes } = documentOf(yaml(on));
    expect(services["ollama"]).toMatchObject({
      image: "ollama/ollama:1.2.3",
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      networks: ["stack"],
      volumes: [{ type: "volume", source: "ollama", target: "/root/.ollama" }],
      ports: [{ target: 11434, host_ip: "127.0.0.1", published: "11500", protocol: "tcp" }],
      environment: { OLLAMA_CONTEXT_LENGTH: "32768" },
    });
    expect(services["ollama"]?.mem_limit).toBeUndefined();
    expect(volumes?.["ollama"]).toEqual(volumes?.["client"]);
  });

  it.each(["11434", "11500"])(
    "its router asks the service for what the configuration has at 127.0.0.1:%s",
    (port) => {
      const text = yaml(on).replace(
        "preset: ollama",
        `preset: ollama, baseUrl: "http://127.0.0.1:${port}/v1"`,
      );
      const here = place(text);
      const inside = containerConfig(here.source(), { port: 3000 });
      const made = parse(withServices(here.load(), inside)) as { providers: { mine: { baseUrl: string } } };
      expect(made.providers.mine.baseUrl).toBe("http://ollama:11434/v1");
      // Without the service it is the one on the machine.
      const without = place(text.replace("enabled: true", "enabled: false"));
      expect(withServices(without.load(), containerConfig(without.source(), { port: 3000 }))).toContain(
        `http://host.docker.internal:${port}/v1`,
      );
    },
  );
});
