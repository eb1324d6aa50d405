/** Where a generated document is to run: the one thing that differs between the committed files and what runs. */

export interface Placement {
  /** Name of the compose project. */
  readonly project: string;
  /** The Switchyard project that it belongs to: each workspace has a compose project of its own. */
  readonly owner: string;
  /** Absolute path of the workspace, or an expression of compose's. As all other strings here, already escaped. */
  readonly workspace: string;
  /** Folder of the secret files. */
  readonly secrets: string;
  readonly uid: string;
  readonly gid: string;
  /** `0` takes a free one. */
  readonly port: string;
  /** The checkout, from which images are built. */
  readonly context: string;
  /** Base of the images. */
  readonly base: string;
  /** Full names of the images of the stack, which those of the fused containers are made from. */
  readonly images: { readonly router: string; readonly litellm: string; readonly client: string };
  /** Tag of the project's images. */
  readonly tag: string;
  /** Hash of configuration and keys: a change of a secret's content is not seen by compose, a change of this label is. */
  readonly configHash: string;
  /** CPUs that the engine has; a higher limit would be refused. */
  readonly maxCpus?: number;
}

/** Where the stack of `switchyard up` is to run. */
export interface StackPlacement extends Omit<Placement, "port" | "tag" | "configHash"> {
  /** Those of all services, the optional ones too. */
  readonly images: Placement["images"] & { readonly cliproxyapi: string };
  /** Ports on this machine; `0` takes a free one. */
  readonly ports: { readonly router: string; readonly litellm: string; readonly cliproxyapi: string };
  /** As `configHash`, for each service that is configured by secret files. */
  readonly configHashes: {
    readonly router: string;
    readonly litellm: string;
    readonly cliproxyapi: string;
  };
  readonly versions: { readonly router: string };
  /** Folder that the router keeps what it remembers in. */
  readonly routerState: string;
  /** Folder that Prometheus keeps its series in, where there is one. */
  readonly prometheusData: string;
  /** Folder of CLIProxyAPI's accounts, where there is one. */
  readonly accounts: string;
  /** Folder that is mounted at the client's managed settings. */
  readonly managed: string;
  /** Where the client's requests go. */
  readonly targetUrl: string;
  /** The client's other variables, none of them a secret. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
}

/** A string as it must stand in a compose file: there a `$` begins a variable. */
export const literal = (text: string): string => text.replaceAll("$", "$$$$");

const stateFolder = "${SWITCHYARD_STATE_DIR:?Run switchyard, which writes the secrets there}";

/** The committed documents: every path and id of a machine is a variable. */
export const portable: Placement = {
  project: "switchyard",
  owner: "switchyard",
  workspace: "${WORKSPACE:?Name the folder to work in}",
  secrets: `${stateFolder}/secrets`,
  uid: "${SWITCHYARD_UID:-1000}",
  gid: "${SWITCHYARD_GID:-1000}",
  port: "${SWITCHYARD_PORT:-0}",
  context: "..",
  base: "${SWITCHYARD_BASE:-node:24-bookworm-slim}",
  images: {
    router: "switchyard/router:${SWITCHYARD_TAG:-local}",
    litellm: "switchyard/litellm:${SWITCHYARD_TAG:-local}",
    client: "switchyard/client:${SWITCHYARD_TAG:-local}",
  },
  tag: "${SWITCHYARD_TAG:-local}",
  configHash: "${SWITCHYARD_CONFIG_HASH:-}",
};

/** The same for the stack. */
export const portableStack: StackPlacement = {
  project: portable.project,
  owner: portable.owner,
  workspace: portable.workspace,
  secrets: `${stateFolder}/secrets/stack`,
  uid: portable.uid,
  gid: portable.gid,
  context: portable.context,
  base: portable.base,
  images: { ...portable.images, cliproxyapi: "switchyard/cliproxyapi:${SWITCHYARD_TAG:-local}" },
  ports: {
    router: "${SWITCHYARD_PORT:-3000}",
    litellm: "${SWITCHYARD_LITELLM_PORT:-4000}",
    cliproxyapi: "${SWITCHYARD_CLIPROXYAPI_PORT:-8317}",
  },
  configHashes: {
    router: portable.configHash,
    litellm: portable.configHash,
    cliproxyapi: portable.configHash,
  },
  versions: { router: "" },
  routerState: `${stateFolder}/router`,
  prometheusData: `${stateFolder}/prometheus`,
  accounts: `${stateFolder}/cliproxyapi`,
  managed: `${stateFolder}/managed`,
  targetUrl: "${SWITCHYARD_TARGET_URL:-http://router:3000}",
  clientEnvironment: {},
};
