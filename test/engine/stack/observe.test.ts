/** What of an engine's things is a project's, and what is not. */
import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/engine/connect.ts";
import { observeProject } from "../../../src/engine/stack/observe.ts";

type Labels = Record<string, string>;
const ofCompose = (project: string, service = "x"): Labels => ({
  "com.docker.compose.project": project,
  "com.docker.compose.service": service,
});
const ours = { "io.switchyard.project": "demo" };

const container = (name: string, labels: Labels): Partial<Docker.ContainerInfo> => ({
  Id: name,
  Names: [`/${name}`],
  State: "running",
  Status: "Up 1 second",
  Image: "x",
  Ports: [],
  Labels: labels,
});
const named = (name: string, labels: Labels) => ({ Name: name, Labels: labels });

/** An engine that has these things and can tell of them. */
const engineWith = (there: {
  containers?: readonly unknown[];
  networks?: readonly unknown[];
  volumes?: readonly unknown[];
}): Engine =>
  ({
    docker: {
      listContainers: () => Promise.resolve(there.containers ?? []),
      listNetworks: () => Promise.resolve(there.networks ?? []),
      listVolumes: () => Promise.resolve({ Volumes: there.volumes ?? null }),
    },
  }) as unknown as Engine;

describe("what is a project's", () => {
  it("another compose project that happens to have its name is not: down and clean see nothing of it", async () => {
    const engine = engineWith({
      containers: [container("demo-db-1", ofCompose("demo", "db"))],
      networks: [named("demo_default", ofCompose("demo"))],
      volumes: [named("demo_data", ofCompose("demo"))],
    });
    expect(await observeProject(engine, "demo")).toEqual({
      services: [],
      fused: [],
      networks: [],
      volumes: [],
      foreign: ["container demo-db-1", "volume demo_data"],
    });
  });

  it("what an override adds is: it stands with what is labelled", async () => {
    const engine = engineWith({
      containers: [
        container("demo-router-1", { ...ofCompose("demo", "router"), ...ours }),
        container("demo-db-1", ofCompose("demo", "db")),
      ],
      networks: [named("demo_stack", { ...ofCompose("demo"), ...ours }), named("bridge", {})],
      volumes: [named("demo_data", ofCompose("demo")), named("loose", {})],
    });
    const seen = await observeProject(engine, "demo");
    expect(seen.services.map(({ service }) => service)).toEqual(["router", "db"]);
    expect([seen.networks, seen.volumes, seen.foreign]).toEqual([["demo_stack"], ["demo_data"], []]);
  });

  it("what is left after down still tells whose the rest is", async () => {
    const engine = engineWith({
      volumes: [
        named("demo_client", { ...ofCompose("demo"), ...ours }),
        named("demo_data", ofCompose("demo")),
      ],
    });
    expect((await observeProject(engine, "demo")).volumes).toEqual(["demo_client", "demo_data"]);
  });

  it("a fused container is, with what an override adds to it; another project's is not", async () => {
    const fused = { "io.switchyard.service": "fused-router" };
    const engine = engineWith({
      containers: [
        container("a", { ...ofCompose("demo-1a2b3c", "fused-router"), ...ours, ...fused }),
        container("b", ofCompose("demo-1a2b3c", "db")),
        container("c", {
          ...ofCompose("other-1a2b3c", "fused-router"),
          ...fused,
          "io.switchyard.project": "other",
        }),
      ],
    });
    const seen = await observeProject(engine, "demo");
    expect(seen.fused.map((each) => each.container)).toEqual(["a", "b"]);
    expect([seen.services, seen.foreign]).toEqual([[], []]);
  });
});
