/** Where the files of a stack lie in the state folder. */
import { join } from "node:path";

export interface StackFiles {
  /** The compose document that runs. */
  readonly document: string;
  /** Secret files of the services. */
  readonly secrets: string;
  /** What the client needs to know of each target (StackConnections). */
  readonly connections: string;
  /** What the router remembers: mounted into its container. */
  readonly routerState: string;
  /** What Prometheus has collected, where the stack has one. */
  readonly prometheusData: string;
  /** CLIProxyAPI's accounts, where the stack has one: a file each, with its tokens. */
  readonly accounts: string;
  /** Mounted at the client's managed settings. */
  readonly managed: string;
  /** The choice of the target. */
  readonly record: string;
  /** Held by whoever changes the stack. */
  readonly lock: string;
}

export const stackFiles = (stateDir: string): StackFiles => ({
  document: join(stateDir, "compose", "services.yaml"),
  secrets: join(stateDir, "secrets", "stack"),
  connections: join(stateDir, "secrets", "stack", "connections.json"),
  routerState: join(stateDir, "router"),
  prometheusData: join(stateDir, "prometheus"),
  accounts: join(stateDir, "cliproxyapi"),
  managed: join(stateDir, "managed"),
  record: join(stateDir, "target.json"),
  lock: join(stateDir, "compose", "stack.lock"),
});
