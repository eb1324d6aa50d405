/** What can serve the models beside a client, in a fused container or on the host. A new one is a row here, and its command line. */
import { configSecret, litellmConfigSecret, litellmPort, routerPort } from "./container-layout.ts";
import type { ErrorCode } from "./errors.ts";

export const backendNames = ["router", "litellm"] as const;
export type BackendName = (typeof backendNames)[number];

export interface Backend {
  readonly name: BackendName;
  /** Its name in a sentence. */
  readonly title: string;
  /** Where it listens inside a container; outside it is published on a port of the caller's choice. */
  readonly port: number;
  /** Answers 200 to a GET when it is ready, asks for no key and calls no model. */
  readonly readyPath: string;
  /** Milliseconds until it must be ready. */
  readonly patience: number;
  /** It prints `listening on http://…` on stdout when it listens, and takes port 0. One that does not is given its port, and asked. */
  readonly announces: boolean;
  /** It can forward the user's own login to a provider, so that the client may be left to send it. */
  readonly forwardsLogin: boolean;
  /** Told to end, it finishes the answers that are under way. */
  readonly drains: boolean;
  /** What it remembers outlives its container: it has a volume of its own, at `routerStateDir`. */
  readonly keepsState: boolean;
  /** Name of the secret that holds its configuration. */
  readonly configSecret: string;
  /** Name of the fused service, of its image and of its folder under images/. */
  readonly fusedService: "fused-router" | "fused-litellm";
  /** Tells its compose project from that of another backend's container of the same workspace. */
  readonly projectSuffix: string;
  /** What a user is told where it does not become ready. */
  readonly failed: ErrorCode;
}

export const backends: Readonly<Record<BackendName, Backend>> = {
  router: {
    name: "router",
    title: "the router",
    port: routerPort,
    readyPath: "/ready",
    patience: 20_000,
    announces: true,
    forwardsLogin: true,
    drains: true,
    keepsState: true,
    configSecret,
    fusedService: "fused-router",
    projectSuffix: "",
    failed: "fuse.routerFailed",
  },
  litellm: {
    name: "litellm",
    title: "LiteLLM",
    port: litellmPort,
    // Not /health, which calls every model (docs.litellm.ai/docs/proxy/health).
    readyPath: "/health/readiness",
    // It loads hundreds of modules: 10 s on a quiet machine, a minute on a busy one.
    patience: 180_000,
    announces: false,
    forwardsLogin: false,
    drains: false,
    keepsState: false,
    configSecret: litellmConfigSecret,
    fusedService: "fused-litellm",
    projectSuffix: "-litellm",
    failed: "fuse.litellmFailed",
  },
};

/** The backend of that name, or undefined. */
export const backendNamed = (name: string): Backend | undefined =>
  backendNames.some((each) => each === name) ? backends[name as BackendName] : undefined;
