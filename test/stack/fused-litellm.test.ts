/** What the generated document promises of the fused container with LiteLLM, beside what holds for the router's. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import { renderStack } from "../../src/stack/compose.ts";
import type { ComposeDocument } from "../../src/stack/document.ts";
import { portable } from "../../src/stack/placement.ts";
import { fusedLitellmStack } from "../../src/stack/services/fused-litellm.ts";
import { fusedRouterStack } from "../../src/stack/services/fused-router.ts";

const config = loadConfig({ env: {}, keyFiles: false });
const placement = { ...portable, project: "demo-1a2b3c" };
const [litellm, router] = [fusedLitellmStack, fusedRouterStack].map(
  (stack) => parse(renderStack(stack, config, placement)) as ComposeDocument,
);
const service = litellm!.services["fused-litellm"]!;

describe("the fused service with LiteLLM", () => {
  it("is closed as the router's is: the same but for what serves the models", () => {
    const own = new Set([
      "image",
      "build",
      "secrets",
      "ports",
      "healthcheck",
      "labels",
      // The router finishes what is under way.
      "stop_grace_period",
      // The router has a volume for what it remembers.
      "volumes",
    ]);
    const rest = (of: object): object =>
      Object.fromEntries(Object.entries(of).filter(([name]) => !own.has(name)));
    expect(rest(service)).toEqual(rest(router!.services["fused-router"]!));
    expect(service.labels?.["io.switchyard.service"]).toBe("fused-litellm");
  });

  it("is published on this machine's loopback alone, and is asked whether it is ready without calling a model", () => {
    expect(service.ports).toEqual([
      { target: 4000, host_ip: "127.0.0.1", published: portable.port, protocol: "tcp" },
    ]);
    expect(service.healthcheck?.test.at(-1)).toBe("http://127.0.0.1:4000/health/readiness");
  });

  it("gets its configuration and its keys as files", () => {
    expect(service.secrets?.map(({ target }) => target)).toEqual(["litellm.yaml", "handover.json"]);
    expect(Object.keys(litellm!.secrets!)).toEqual(["litellm.yaml", "handover.json"]);
  });

  it("may run beside the router's container of the same workspace", () => {
    expect(router!.name).toBe("demo-1a2b3c");
    expect(litellm!.name).toBe("demo-1a2b3c-litellm");
  });

  it("has the client's home of that workspace, so that a session goes on in either", () => {
    expect(service.volumes).toEqual(router!.services["fused-router"]!.volumes!.slice(0, 2));
    expect(service.volumes?.at(-1)).toEqual({ type: "volume", source: "client", target: "/home/client" });
    // Compose itself gives the router's volume this name: <project>_<volume>.
    expect(litellm!.volumes!["client"]).toEqual({
      ...router!.volumes!["client"],
      name: "demo-1a2b3c_client",
    });
  });
});
