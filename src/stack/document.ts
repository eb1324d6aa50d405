/** The part of the Compose file format that Switchyard writes (compose-spec.io). Keys are written in the order given here. */

export interface ComposeBuild {
  context: string;
  dockerfile: string;
  network?: "host";
  args?: Record<string, string>;
}

export interface ComposePort {
  target: number;
  host_ip: string;
  /** A string: `0` takes a free port, and a `${…}` is allowed. */
  published: string;
  protocol: "tcp";
}

export type ComposeMount =
  | { type: "bind"; source: string; target: string; read_only?: true; bind: { create_host_path: false } }
  | { type: "volume"; source: string; target: string };

export interface ComposeService {
  image: string;
  build?: ComposeBuild;
  pull_policy?: "never";
  command?: string[];
  hostname?: string;
  depends_on?: Record<string, { condition: "service_healthy" | "service_started" }>;
  init?: boolean;
  user?: string;
  working_dir?: string;
  environment?: Record<string, string>;
  networks?: string[];
  secrets?: { source: string; target: string }[];
  volumes?: ComposeMount[];
  tmpfs?: string[];
  ports?: ComposePort[];
  extra_hosts?: string[];
  healthcheck?: {
    test: string[];
    interval: string;
    timeout: string;
    retries: number;
    start_period: string;
  };
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  mem_limit?: string;
  cpus?: string;
  pids_limit?: number;
  restart?: "no" | "unless-stopped";
  stop_grace_period?: string;
  logging?: { driver: "json-file"; options: { "max-size": string; "max-file": string } };
  labels?: Record<string, string>;
}

export interface ComposeDocument {
  name: string;
  services: Record<string, ComposeService>;
  networks?: Record<string, { labels?: Record<string, string> }>;
  volumes?: Record<string, { name?: string; labels?: Record<string, string> }>;
  secrets?: Record<string, { file: string }>;
}
