/** What the generated stack promises of each of its services. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/types.ts";
import { renderStack, retarget } from "../../src/stack/compose.ts";
import type { ComposeDocument } from "../../src/stack/document.ts";
import { literal, portableStack, type StackPlacement } from "../../src/stack/placement.ts";
import { servicesStack, stackServices } from "../../src/stack/services/services.ts";

const load = (env: Record<string, string>): Config => {
  const plain = loadConfig({ env, keyFiles: false });
  const cliproxyapi = { ...plain.stack.cliproxyapi, enabled: true };
  return { ...plain, stack: { ...plain.stack, cliproxyapi } };
};
/** With every service that there can be. */
const config = load({});
const key = "sk-of-a-provider-0123456789";
const withKey = load({ OPENROUTER_API_KEY: key, GEMINI_API_KEY: key });

const placement: StackPlacement = {
  ...portableStack,
  project: "demo",
  owner: "demo",
  workspace: literal("/home/me/a $HOME project"),
  secrets: "/home/me/state/secrets/stack",
  routerState: "/home/me/state/router",
  managed: "/home/me/state/managed",
  uid: "1234",
  gid: "1235",
  context: "/home/me/switchyard",
  images: {
    router: "switchyard/router:1",
    litellm: "switchyard/litellm:1",
    client: "switchyard/client:1",
    cliproxyapi: "switchyard/cliproxyapi:1",
  },
  ports: { router: "3000", litellm: "4000", cliproxyapi: "8317" },
  configHashes: { router: "r", litellm: "l", cliproxyapi: "c" },
  accounts: "/home/me/state/cliproxyapi",
  targetUrl: "http://router:3000",
  maxCpus: 2,
};

const text = (of: Config = config, at: StackPlacement = placement): string =>
  renderStack(servicesStack, of, at);
const document = (of?: Config, at?: StackPlacement): ComposeDocument =>
  parse(text(of, at)) as ComposeDocument;
const names = stackServices.map(({ name }) => name);

describe.each(names)("the service %s", (name) => {
  const service = document().services[name]!;

  it("runs as the caller, without any capability, on a file system that it cannot write", () => {
    const { user, cap_drop, cap_add, security_opt, read_only, init } = service;
    expect({ user, cap_drop, cap_add, security_opt, read_only, init }).toEqual({
      user: "1234:1235",
      cap_drop: ["ALL"],
      cap_add: undefined,
      security_opt: ["no-new-privileges:true"],
      read_only: true,
      init: true,
    });
  });

  it("cannot fill the disk with its log, nor the machine's memory, nor its processes", () => {
    expect(service.logging).toEqual({ driver: "json-file", options: { "max-size": "10m", "max-file": "3" } });
    expect(service.mem_limit).toMatch(/^\d+g$/);
    expect(Number(service.cpus)).toBeLessThanOrEqual(2);
    expect(service.pids_limit).toBeGreaterThan(0);
  });

  it("comes back when its process dies, and says by itself whether it is well", () => {
    expect(service.restart).toBe("unless-stopped");
    expect(service.healthcheck?.test[0]).toBe("CMD-SHELL");
  });

  it("is open to this machine alone, where it is open at all", () => {
    expect((service.ports ?? []).map(({ host_ip }) => host_ip)).toEqual(
      name === "claude-code" ? [] : ["127.0.0.1"],
    );
  });

  it("belongs to the project by its labels, on the project's own network", () => {
    expect(service.labels).toMatchObject({ "io.switchyard.project": "demo", "io.switchyard.service": name });
    expect(service.networks).toEqual(["stack"]);
  });

  it("reaches the user's machine by a name, for servers that run there", () => {
    expect(service.extra_hosts).toEqual(["host.docker.internal:host-gateway"]);
  });
});

describe("the stack", () => {
  it("holds no key: with one that is set the document is the same", () => {
    expect(text(withKey)).toBe(text(config));
    expect(text(withKey)).not.toContain(key);
  });

  it("gives the client no secret file, and its settings for reading alone", () => {
    const { secrets, volumes } = document().services["claude-code"]!;
    expect(secrets).toBeUndefined();
    expect(volumes).toContainEqual(
      expect.objectContaining({
        source: "/home/me/state/managed",
        target: "/etc/claude-code",
        read_only: true,
      }),
    );
  });

  it("gives router and LiteLLM each its own secret files and not the other's", () => {
    const of = (name: string) => document().services[name]!.secrets!.map(({ source }) => source);
    expect(document().services["router"]!.secrets).toBeUndefined();
    expect(document().services["router"]!.volumes).toContainEqual({
      type: "bind",
      source: "/home/me/state/secrets/stack/router",
      target: "/run/secrets",
      read_only: true,
      bind: { create_host_path: false },
    });
    expect(of("litellm")).toEqual(["litellm.yaml", "litellm-keys.json", "network.env", "ca.pem"]);
  });

  it("starts the client when the router is healthy, and has nobody wait for LiteLLM", () => {
    const { services } = document();
    expect(services["claude-code"]!.depends_on).toEqual({ router: { condition: "service_healthy" } });
    expect([services["router"]!.depends_on, services["litellm"]!.depends_on]).toEqual([undefined, undefined]);
  });

  it("LiteLLM's health is asked where no model is called", () => {
    const [, probe] = document().services["litellm"]!.healthcheck!.test;
    expect(probe).toContain("/health/readiness");
    expect(probe).not.toMatch(/\/health['"]/);
  });

  it("publishes the router where the configuration says, on purpose only to other machines", () => {
    const open: Config = {
      ...config,
      server: { ...config.server, host: "0.0.0.0", clientKeys: ["a-key-of-mine"] },
    };
    const { ports, labels } = document(open).services["router"]!;
    expect(ports![0]!.host_ip).toBe("0.0.0.0");
    expect(labels).toMatchObject({ "io.switchyard.public": "true" });
    expect(document(open).services["litellm"]!.ports![0]!.host_ip).toBe("127.0.0.1");
  });

  it("a path with a dollar sign arrives as it is", () => {
    expect(document().services["claude-code"]!.volumes![0]).toMatchObject({
      source: "/home/me/a $$HOME project",
    });
  });

  it("has named networks and volumes that are marked as the project's", () => {
    const owned = { labels: { "io.switchyard.project": "demo" } };
    expect(document()).toMatchObject({ networks: { stack: owned }, volumes: { client: owned } });
  });

  it("another target changes one line of the document, the client's address", () => {
    const [before, after] = [text().split("\n"), retarget(text(), "https://api.example.com/$x").split("\n")];
    expect(after).toHaveLength(before.length);
    const changed = after.filter((line, i) => line !== before[i]);
    expect(changed).toEqual(['      ANTHROPIC_BASE_URL: "https://api.example.com/$$x"']);
    const moved = parse(after.join("\n")) as ComposeDocument;
    expect(moved.services["claude-code"]!.environment).toMatchObject({
      ANTHROPIC_BASE_URL: "https://api.example.com/$$x",
    });
  });

  it("a change of a key changes the label of the service that has it, and of no other", () => {
    const other = document(config, {
      ...placement,
      configHashes: { ...placement.configHashes, router: "r2" },
    });
    const differing = names.filter(
      (name) => JSON.stringify(other.services[name]) !== JSON.stringify(document().services[name]),
    );
    expect(differing).toEqual(["router"]);
  });
});
