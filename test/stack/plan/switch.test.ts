/** Plans of `switchyard switch`. */
import { describe, expect, it } from "vitest";
import { planSwitch, type SwitchRequest } from "../../../src/stack/plan/switch.ts";
import { planText } from "../../../src/stack/plan/text.ts";
import type { Observed } from "../../../src/stack/plan/types.ts";
import { address, litellm, observed, router, service, withService } from "./states.ts";

const text = (but: Partial<Observed>, request: Partial<SwitchRequest> = {}): string => {
  const plan = planSwitch(observed({ settingsCurrent: false, ...but }), {
    to: litellm,
    recreate: false,
    force: false,
    ...request,
  });
  return plan.ok ? planText(plan) : `${plan.code}: ${plan.why}. ${plan.hint}`;
};

const hot = `1. point the client's settings at litellm: litellm is asked for
2. ask litellm from inside the client's container: the client must reach it
3. wait until running sessions have read their settings: a session that runs looks at its settings a second after they change
4. remember litellm: it is to outlive down and up`;

const states: readonly [
  state: string,
  seen: Partial<Observed>,
  plan: string,
  request?: Partial<SwitchRequest>,
][] = [
  ["to a healthy service: nothing is recreated", {}, hot],
  [
    "the classic way: the client's container alone is replaced",
    {},
    `1. point the client's settings at litellm: litellm is asked for
2. recreate claude-code: --recreate
3. wait until claude-code is healthy: it is to be healthy
4. ask litellm from inside the client's container: the client must reach it
5. remember litellm: it is to outlive down and up`,
    { recreate: true },
  ],
  [
    "to where it is already",
    { settingsCurrent: true },
    `1. ask router from inside the client's container: the client must reach it
note: the client asks router already`,
    { to: router },
  ],
  [
    "to where it is, after a switch that was cut off",
    {},
    `1. point the client's settings at router: the settings are not those that belong to it
2. ask router from inside the client's container: the client must reach it
3. wait until running sessions have read their settings: a session that runs looks at its settings a second after they change`,
    { to: router },
  ],
  [
    "to an address of the user's own",
    {},
    `1. point the client's settings at https://api.example.com/anthropic (token of EXAMPLE_KEY): https://api.example.com/anthropic (token of EXAMPLE_KEY) is asked for
2. ask https://api.example.com/anthropic (token of EXAMPLE_KEY) from inside the client's container: the client must reach it
3. wait until running sessions have read their settings: a session that runs looks at its settings a second after they change
4. remember https://api.example.com/anthropic (token of EXAMPLE_KEY): it is to outlive down and up`,
    { to: address },
  ],
  [
    "to a stopped service",
    withService("litellm", { state: "exited" }),
    "switch.refused: litellm: it does not run (exited). Start it: switchyard up. Or switch anyway: --force.",
  ],
  [
    "to a service that is not there",
    withService("litellm", undefined),
    "switch.refused: litellm is not there. Start it: switchyard up. Or switch anyway: --force.",
  ],
  [
    "to a service that is still starting",
    withService("litellm", { health: "starting" }),
    "switch.refused: litellm: it is still starting. Wait for it: switchyard up. Or switch anyway: --force.",
  ],
  [
    "to an unhealthy service",
    withService("litellm", { health: "unhealthy" }),
    "switch.refused: litellm: it is unhealthy. See: switchyard logs --service litellm. Or switch anyway: --force.",
  ],
  [
    "to a stopped service all the same: nobody asks it",
    withService("litellm", { state: "exited" }),
    `1. point the client's settings at litellm: litellm is asked for
2. wait until running sessions have read their settings: a session that runs looks at its settings a second after they change
3. remember litellm: it is to outlive down and up`,
    { force: true },
  ],
  [
    "to a service that nobody knows",
    {},
    "usage.invalid: there is no service proxy. Targets: router, litellm, or --url URL. A service of your own names its address by the label io.switchyard.url.",
    { to: { kind: "service", service: "proxy" } },
  ],
  [
    "to the client itself",
    {},
    "usage.invalid: claude-code cannot be a target: it serves no port, or more than one. Targets: router, litellm, or --url URL. A service of your own names its address by the label io.switchyard.url.",
    { to: { kind: "service", service: "claude-code" } },
  ],
  [
    "while the client does not run",
    withService("claude-code", { state: "exited" }),
    "switch.refused: claude-code does not run (exited). Start it: switchyard up. Or choose for its next start: --force.",
  ],
  [
    "while the client does not run, for its next start",
    withService("claude-code", undefined),
    `1. point the client's settings at litellm: litellm is asked for
2. remember litellm: it is to outlive down and up
note: claude-code does not run: the choice holds from its next start`,
    { force: true },
  ],
];

describe("the plan of a switch", () => {
  it.each(states)("%s", (_state, seen, plan, request) => {
    expect(text(seen, request)).toBe(plan);
  });

  it("a service of the user's own is a target where it has one port", () => {
    const mine = {
      ...service("router"),
      service: "proxy",
      container: "demo-proxy-1",
      url: "http://proxy:8080",
    };
    const plan = text(
      { services: [...observed().services, mine] },
      { to: { kind: "service", service: "proxy", url: "http://proxy:8080" } },
    );
    expect(plan).toContain("1. point the client's settings at proxy: proxy is asked for");
  });
});
