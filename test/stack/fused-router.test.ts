/** What the generated document promises of the fused container. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { clientKeyVariable as ofTheConfig } from "../../src/config/container.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/types.ts";
import { clientKeyVariable } from "../../src/shared/container-layout.ts";
import { checkoutRoot } from "../../src/shared/paths.ts";
import { composeDrift, renderCompose, renderStack } from "../../src/stack/compose.ts";
import type { ComposeDocument } from "../../src/stack/document.ts";
import { literal, type Placement, portable } from "../../src/stack/placement.ts";
import { fusedRouterStack } from "../../src/stack/services/fused-router.ts";
import { stacks } from "../../src/stack/services/index.ts";

const config = loadConfig({ env: {}, keyFiles: false });
const key = "sk-of-a-provider-0123456789";
const withKey = loadConfig({ env: { OPENROUTER_API_KEY: key, GEMINI_API_KEY: key }, keyFiles: false });

const placement: Placement = {
  project: "demo-1a2b3c",
  owner: "demo",
  workspace: literal("/home/me/a $HOME project"),
  secrets: "/home/me/state/secrets",
  uid: "1000",
  gid: "1000",
  port: "0",
  context: "/home/me/switchyard",
  base: "node:24-bookworm-slim",
  images: { client: "switchyard/client:1", router: "switchyard/router:2", litellm: "switchyard/litellm:3" },
  tag: "0123456789ab",
  configHash: "abcdef",
  maxCpus: 2,
};

const withLimits = (fused: Config["stack"]["fused"]): Config => ({
  ...config,
  stack: { ...config.stack, fused },
});
const document = (of: Config = config, at: Placement = placement): ComposeDocument =>
  parse(renderStack(fusedRouterStack, of, at)) as ComposeDocument;
const service = (of?: Config, at?: Placement) => document(of, at).services["fused-router"]!;

describe("the fused service", () => {
  it("starts with the capabilities that the supervisor needs, and cannot get others", () => {
    const { cap_drop, cap_add, security_opt, read_only, init } = service();
    expect(cap_drop).toEqual(["ALL"]);
    expect(cap_add).toEqual(["CHOWN", "DAC_READ_SEARCH", "KILL", "SETGID", "SETPCAP", "SETUID"]);
    expect(security_opt).toEqual(["no-new-privileges:true"]);
    expect({ read_only, init }).toEqual({ read_only: true, init: true });
  });

  it("is published on this machine's loopback alone", () => {
    expect(service().ports).toEqual([
      { target: 3000, host_ip: "127.0.0.1", published: "0", protocol: "tcp" },
    ]);
  });

  it("keys come as files; no environment, label, argument or command holds one", () => {
    const text = renderStack(fusedRouterStack, withKey, placement);
    expect(withKey.secrets).toContain(key);
    expect(text).not.toContain(key);
    expect(text).toBe(renderStack(fusedRouterStack, config, placement));
    const { secrets } = document(withKey);
    expect(Object.values(secrets!).every(({ file }) => file.startsWith("/home/me/state/secrets/"))).toBe(
      true,
    );
    expect(Object.keys(service(withKey).environment!)).toEqual(["SWITCHYARD_UID", "SWITCHYARD_GID"]);
  });

  it("mounts the workspace, which must be there, a volume for the client's state and one for what the router remembers", () => {
    expect(service().volumes).toEqual([
      {
        type: "bind",
        // A `$` of a path is doubled: compose would take it for a variable.
        source: "/home/me/a $$HOME project",
        target: "/workspace",
        bind: { create_host_path: false },
      },
      { type: "volume", source: "client", target: "/home/client" },
      { type: "volume", source: "router", target: "/state" },
    ]);
    expect(Object.keys(document().volumes!)).toEqual(["client", "router"]);
    // `switchyard usage` and `clean` find it by these.
    expect(document().volumes!["router"]?.labels).toEqual({
      "io.switchyard.project": "demo",
      "io.switchyard.service": "fused-router",
      "io.switchyard.workspace": "/home/me/a $$HOME project",
    });
  });

  it("asks the router itself whether it is ready, and its log does not grow for ever", () => {
    expect(service().healthcheck?.test.at(-1)).toBe("http://127.0.0.1:3000/ready");
    expect(service().logging?.options).toEqual({ "max-size": "10m", "max-file": "3" });
  });

  it("reaches servers on the user's machine through the gateway", () => {
    expect(service().extra_hosts).toEqual(["host.docker.internal:host-gateway"]);
  });

  it("has the limits of the configuration, and no more CPUs than there are", () => {
    const { mem_limit, cpus, pids_limit } = service(withLimits({ memory: "3g", cpus: "1.5", pids: 100 }));
    expect({ mem_limit, cpus, pids_limit }).toEqual({ mem_limit: "3g", cpus: "1.5", pids_limit: 100 });
    expect(service(withLimits({ memory: "3g", cpus: "64", pids: 100 })).cpus).toBe("2");
    expect(service(withLimits({ memory: "", cpus: "", pids: 0 }))).not.toHaveProperty("mem_limit");
  });

  it("a change of the configuration or of a key is a change of the document", () => {
    expect(renderStack(fusedRouterStack, config, placement)).not.toBe(
      renderStack(fusedRouterStack, config, { ...placement, configHash: "fedcba" }),
    );
  });
});

describe("the committed files", () => {
  const rendered = renderCompose(config);

  it("are those that the configuration gives", async () => {
    expect(await composeDrift(config, join(checkoutRoot(), "compose"))).toEqual([]);
  });

  it("drift is told by name: a file that is missing, and one that was edited", async () => {
    expect(await composeDrift(config, "/nowhere")).toEqual([...rendered.keys()]);
    const other = {
      ...config,
      stack: { ...config.stack, client: { ...config.stack.client, version: "9.9.9" } },
    };
    // The fused images take the client from its own image.
    expect(await composeDrift(other, join(checkoutRoot(), "compose"))).toEqual(["services.yaml"]);
  });

  it.each(stacks.map(({ name }) => name))("%s says what it is, and that it is generated", (name) => {
    const text = rendered.get(`${name}.yaml`)!;
    expect(text).toMatch(/^# .+\.\n# Generated by `switchyard compose`.+Do not edit/);
  });

  it.each(stacks.map(({ name }) => name))("%s names no folder of a machine", (name) => {
    const text = rendered.get(`${name}.yaml`)!;
    expect(text).not.toContain(checkoutRoot());
    expect(text).not.toMatch(/\/(?:root|Users)\//);
    const { services } = parse(text) as ComposeDocument;
    for (const { volumes = [] } of Object.values(services)) {
      for (const { type, source } of volumes) if (type === "bind") expect(source).toMatch(/^\$\{\w+:\?/);
    }
  });

  it("the same configuration gives the same text", () => {
    expect(renderStack(fusedRouterStack, loadConfig({ env: {}, keyFiles: false }), portable)).toBe(
      renderStack(fusedRouterStack, config, portable),
    );
  });

  it("the image is built from the project's own folder, on those of the client and the router", () => {
    const { build } = (parse(rendered.get("fused-router.yaml")!) as ComposeDocument).services[
      "fused-router"
    ]!;
    expect(build).toMatchObject({ context: "..", dockerfile: "images/fused-router/Dockerfile" });
    expect(build!.args).toEqual({
      CLIENT: "switchyard/client:${SWITCHYARD_TAG:-local}",
      ROUTER: "switchyard/router:${SWITCHYARD_TAG:-local}",
    });
    const dockerfile = readFileSync(join(checkoutRoot(), build!.dockerfile), "utf8");
    for (const name of Object.keys(build!.args!)) expect(dockerfile).toContain(`ARG ${name}=`);
  });
});

it("the supervisor and the configuration mean the same variable by the client's key", () => {
  expect(clientKeyVariable).toBe(ofTheConfig);
});
