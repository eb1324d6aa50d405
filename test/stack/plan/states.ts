/** Observed states of a stack, told shortly: what differs from one that runs as it should. */
import type { Observed, SeenService, Wanted } from "../../../src/stack/plan/types.ts";
import type { Target } from "../../../src/stack/target.ts";

export const router: Target = { kind: "service", service: "router" };
export const litellm: Target = { kind: "service", service: "litellm" };
export const address: Target = {
  kind: "url",
  url: "https://api.example.com/anthropic",
  tokenEnv: "EXAMPLE_KEY",
};

const images = {
  router: "switchyard/router:1",
  "claude-code": "switchyard/client:1",
  litellm: "switchyard/litellm:1",
};
const urls: Readonly<Record<string, string>> = {
  router: "http://router:3000",
  litellm: "http://litellm:4000",
};

export const wanted = (target: Target = router): Wanted => ({
  target,
  services: [
    { service: "router", image: images.router, hash: "r1", after: [], checked: true },
    {
      service: "claude-code",
      image: images["claude-code"],
      hash: `c1-${target.kind === "service" ? target.service : target.url}`,
      hashButTarget: "c1-router",
      after: ["router"],
      checked: true,
    },
    { service: "litellm", image: images.litellm, hash: "l1", after: [], checked: true },
  ],
});

type Name = "router" | "claude-code" | "litellm";
const hashes = { router: "r1", "claude-code": "c1-router", litellm: "l1" };

/** A service that runs and is healthy, but for what is given. */
export const service = (name: Name, but: Partial<SeenService> = {}): SeenService => {
  const url = urls[name];
  return {
    service: name,
    container: `demo-${name}-1`,
    state: "running",
    health: "healthy",
    hash: hashes[name],
    image: images[name],
    ...(url !== undefined && { url }),
    ...but,
  };
};

/** All of it runs and the client asks the router, but for what is given. */
export const observed = (but: Partial<Observed> = {}): Observed => ({
  services: [service("router"), service("claude-code"), service("litellm")],
  fused: [],
  missingImages: [],
  conflicts: [],
  networks: ["demo_stack"],
  volumes: ["demo_client"],
  target: router,
  settingsCurrent: true,
  files: [],
  ...but,
});

/** The running stack with one service as given; undefined: without it. */
export const withService = (name: Name, but: Partial<SeenService> | undefined): Partial<Observed> => ({
  services: (["router", "claude-code", "litellm"] as const).flatMap((each) => {
    if (each !== name) return [service(each)];
    return but === undefined ? [] : [service(each, but)];
  }),
});

/** Nothing was ever started. */
export const nothing: Partial<Observed> = {
  services: [],
  networks: [],
  volumes: [],
  target: undefined,
  settingsCurrent: false,
};
