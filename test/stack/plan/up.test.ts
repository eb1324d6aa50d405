/** Plans of `switchyard up`, as a user reads them with --dry-run. */
import { describe, expect, it } from "vitest";
import { planText } from "../../../src/stack/plan/text.ts";
import type { Observed, Wanted } from "../../../src/stack/plan/types.ts";
import { planUp } from "../../../src/stack/plan/up.ts";
import { litellm, nothing, observed, router, service, wanted, withService } from "./states.ts";

const text = (but: Partial<Observed>, want: Wanted = wanted()): string => {
  const plan = planUp(observed(but), want);
  return plan.ok ? planText(plan) : `${plan.code}: ${plan.why}. ${plan.hint}`;
};

const states: readonly [state: string, seen: Partial<Observed>, plan: string, want?: Wanted][] = [
  ["everything runs", {}, "nothing to do"],
  [
    "nothing was ever started",
    nothing,
    `1. write the compose file and the secrets: the services are started from it
2. point the client's settings at router: the client has none yet
3. remember router: a switch starts from it
4. create router: it is not there
5. wait until router is healthy: claude-code starts after it
6. create claude-code: it is not there
7. create litellm: it is not there
8. wait until claude-code is healthy: it is to be healthy
9. wait until litellm is healthy: it is to be healthy`,
  ],
  [
    "on a fresh machine the images are not there either",
    { ...nothing, missingImages: ["switchyard/router:1", "switchyard/client:1", "switchyard/litellm:1"] },
    `1. build switchyard/router:1: it is not there
2. build switchyard/client:1: it is not there
3. build switchyard/litellm:1: it is not there
4. write the compose file and the secrets: the services are started from it
5. point the client's settings at router: the client has none yet
6. remember router: a switch starts from it
7. create router: it is not there
8. wait until router is healthy: claude-code starts after it
9. create claude-code: it is not there
10. create litellm: it is not there
11. wait until claude-code is healthy: it is to be healthy
12. wait until litellm is healthy: it is to be healthy`,
  ],
  ["an image is gone, and its service runs on", { missingImages: ["switchyard/litellm:1"] }, "nothing to do"],
  [
    "after down, with LiteLLM as the choice",
    { services: [], target: litellm },
    `1. write the compose file and the secrets: the services are started from it
2. create router: it is not there
3. wait until router is healthy: claude-code starts after it
4. create claude-code: it is not there
5. create litellm: it is not there
6. wait until claude-code is healthy: it is to be healthy
7. wait until litellm is healthy: it is to be healthy`,
    wanted(litellm),
  ],
  [
    "the router has ended",
    withService("router", { state: "exited", health: "none" }),
    `1. write the compose file and the secrets: the services are started from it
2. start router: it has ended
3. wait until router is healthy: it is to be healthy`,
  ],
  [
    "the machine was restarted and nothing came up",
    {
      services: [
        service("router", { state: "exited" }),
        service("claude-code", { state: "exited" }),
        service("litellm", { state: "exited" }),
      ],
    },
    `1. write the compose file and the secrets: the services are started from it
2. start router: it has ended
3. wait until router is healthy: claude-code starts after it
4. start claude-code: it has ended
5. start litellm: it has ended
6. wait until claude-code is healthy: it is to be healthy
7. wait until litellm is healthy: it is to be healthy`,
  ],
  [
    "LiteLLM is still starting",
    withService("litellm", { health: "starting" }),
    "1. wait until litellm is healthy: it is to be healthy",
  ],
  [
    "LiteLLM is unhealthy",
    withService("litellm", { health: "unhealthy" }),
    `1. write the compose file and the secrets: the services are started from it
2. recreate litellm: it runs and is unhealthy
3. wait until litellm is healthy: it is to be healthy`,
  ],
  [
    "the router ends again and again",
    withService("router", { state: "restarting" }),
    `1. write the compose file and the secrets: the services are started from it
2. recreate router: it ends again and again
3. wait until router is healthy: it is to be healthy`,
  ],
  [
    "the client was paused",
    withService("claude-code", { state: "paused" }),
    `1. write the compose file and the secrets: the services are started from it
2. resume claude-code: it is paused
3. wait until claude-code is healthy: it is to be healthy`,
  ],
  [
    "the folder of the client's settings was deleted and made anew: its container still has the old one",
    withService("claude-code", { settingsOutOfSight: true }),
    `1. write the compose file and the secrets: the services are started from it
2. recreate claude-code: a folder that is mounted into it was replaced while it ran
3. wait until claude-code is healthy: it is to be healthy`,
  ],
  [
    "a key was added: the router alone is replaced",
    withService("router", { hash: "r0" }),
    `1. write the compose file and the secrets: the services are started from it
2. recreate router: its configuration has changed
3. wait until router is healthy: it is to be healthy`,
  ],
  [
    "a new version of the client: the client alone is replaced, after the router that is well",
    {
      ...withService("claude-code", { hash: "c0", image: "switchyard/client:0" }),
      missingImages: ["switchyard/client:1"],
    },
    `1. build switchyard/client:1: it is not there
2. write the compose file and the secrets: the services are started from it
3. recreate claude-code: its image was switchyard/client:0
4. wait until claude-code is healthy: it is to be healthy`,
  ],
  [
    "it was started for another folder: the client's sessions end, and it says why",
    withService("claude-code", { hash: "c0", workspace: "/home/me/one" }),
    `1. write the compose file and the secrets: the services are started from it
2. recreate claude-code: its workspace was /home/me/one
3. wait until claude-code is healthy: it is to be healthy`,
    {
      ...wanted(),
      services: wanted().services.map((each) =>
        each.service === "claude-code" ? { ...each, workspace: "/home/me/two" } : each,
      ),
    },
  ],
  [
    "the service that was chosen is gone from the override: the client asks nobody, and is told so",
    { target: { kind: "service", service: "proxy", url: "http://proxy:8080" } },
    `nothing to do
note: claude-code keeps running: its settings name proxy; its environment will, when it is recreated
note: the client asks proxy, which is not there: switchyard switch router moves it`,
    wanted({ kind: "service", service: "proxy", url: "http://proxy:8080" }),
  ],
  [
    "LiteLLM was not wanted before, and is now",
    withService("litellm", undefined),
    `1. write the compose file and the secrets: the services are started from it
2. create litellm: it is not there
3. wait until litellm is healthy: it is to be healthy`,
  ],
  [
    "the client was switched while it ran: its sessions go on",
    { target: litellm },
    `nothing to do
note: claude-code keeps running: its settings name litellm; its environment will, when it is recreated`,
    wanted(litellm),
  ],
  [
    "the client's settings are those of an older configuration",
    { settingsCurrent: false },
    "1. point the client's settings at router: they are not those of the configuration",
  ],
  [
    "a switch was cut off between the settings and the record",
    { settingsCurrent: false, target: router },
    "1. point the client's settings at router: they are not those of the configuration",
  ],
  [
    "another checkout holds the router's port",
    {
      ...nothing,
      conflicts: [
        { service: "router", port: 3000, setting: "server.port", owner: "the Switchyard project 'other'" },
      ],
    },
    "port.inUse: router is to listen on port 3000, which the Switchyard project 'other' holds. Stop that, or choose another port: server.port (0 takes a free one).",
  ],
  [
    "a process holds LiteLLM's port",
    {
      ...nothing,
      conflicts: [
        { service: "litellm", port: 4000, setting: "stack.litellm.port", owner: "node (process 4711)" },
      ],
    },
    "port.inUse: litellm is to listen on port 4000, which node (process 4711) holds. Stop that, or choose another port: stack.litellm.port (0 takes a free one).",
  ],
  [
    "a fused shell runs beside it",
    { fused: [{ container: "demo-1a2b3c-fused-router-1", workspace: "/home/me/project", running: true }] },
    "nothing to do",
  ],
  [
    "the router is being removed",
    withService("router", { state: "removing", health: "none" }),
    `1. write the compose file and the secrets: the services are started from it
2. create router: it is being removed
3. wait until router is healthy: it is to be healthy`,
  ],
  [
    "containers were made and never started",
    withService("litellm", { state: "created", health: "none" }),
    `1. write the compose file and the secrets: the services are started from it
2. start litellm: it was never started
3. wait until litellm is healthy: it is to be healthy`,
  ],
];

describe("the plan of up", () => {
  it.each(states)("%s", (_state, seen, plan, want) => {
    expect(text(seen, want)).toBe(plan);
  });

  it("of some services alone leaves the others as they are", () => {
    const all = wanted();
    const some = { ...all, services: all.services.filter(({ service: name }) => name === "router") };
    expect(text(nothing, some))
      .toBe(`1. write the compose file and the secrets: the services are started from it
2. point the client's settings at router: the client has none yet
3. remember router: a switch starts from it
4. create router: it is not there
5. wait until router is healthy: it is to be healthy`);
  });

  it("waits for a router that is starting before it starts the client", () => {
    const seen = {
      services: [service("router", { health: "starting" }), service("litellm")],
      target: router,
    };
    expect(text(seen)).toBe(`1. write the compose file and the secrets: the services are started from it
2. wait until router is healthy: claude-code starts after it
3. create claude-code: it is not there
4. wait until claude-code is healthy: it is to be healthy`);
  });
});
