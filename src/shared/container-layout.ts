/** Where things lie inside a fused container: what the generated compose document and the supervisor both go by. */

/** Ports that the backends listen on, inside; outside they are published on ports of the caller's choice. */
export const routerPort = 3000;
export const litellmPort = 4000;
export const cliproxyapiPort = 8317;

export const workspaceDir = "/workspace";

/** The client's home, and its whole state below it: the container's one named volume. */
export const clientHome = "/home/client";
export const clientConfigDir = `${clientHome}/.claude`;

/** Read by the client above every other settings file; a file system of its own, so that even a client with UID 0 cannot replace it. */
export const managedSettingsDir = "/etc/claude-code";

/** There: which target the client asks; in the stack its address and token too, as lines of a shell. */
export const targetFileName = "target.env";

/** Beside the managed settings of the stack's client: targets for its list of models, and the script that takes them up. */
export const modelListFiles = { list: "models.json", script: "update-models.mjs" } as const;

/** Where Docker puts secret files. The supervisor closes this folder before it starts anything. */
export const secretsDir = "/run/secrets";
/** Names of the secrets: the backend's configuration (it may hold a key written out), and a JSON object of type Handover. */
export const configSecret = "switchyard.yaml";
export const litellmConfigSecret = "litellm.yaml";
export const handoverSecret = "handover.json";

/** Where a router keeps what it remembers, and its ledger: a folder of the machine in the stack, a volume of its own in a fused container. */
export const routerStateDir = "/state";

/** In a container that reads what closed shells left: each of their volumes, in a folder named by its place in the question. */
export const ledgersDir = "/ledgers";

/** What one of them holds, as the image's `usage` prints it: a UsageAnswer (shared/usage.ts), null where there is no ledger, or why it cannot be read. */
export interface ClosedLedger {
  readonly name: string;
  readonly usage?: unknown;
  readonly problem?: string;
}

/** The supervisor's own folder, in memory. */
export const runDir = "/run/switchyard";
/** Sessions register here: an open connection is a session. */
export const supervisorSocket = `${runDir}/supervisor.sock`;
/** What the backend may read and the client may not; also its home, and where its temporary files go. */
export const backendDir = `${runDir}/backend`;

/** There: variables of the router's configuration, with their values. */
export const backendKeysFile = `${backendDir}/keys.json`;

/** The user that the backend runs under has no name and no files in the image. Below 65,536, which is all that rootless engines map. */
export const backendUid = (clientUid: number): number => (clientUid === 64_990 ? 64_991 : 64_990);

/** What the host hands to the supervisor. Written with mode 0600, never logged. */
export interface Handover {
  /** Variables that the configuration names, with their values. For the backend alone. An empty one: the supervisor makes a key for it. */
  readonly keys: Readonly<Record<string, string>>;
  /** What the client has to send, where that is the user's own choice; else a key is made for the container. */
  readonly clientKey?: string;
  /** Proxy settings of the host, for the backend and the client. */
  readonly proxy: Readonly<Record<string, string>>;
  /** SHA-256 of the administrator's token, where one was made: it is to open this router as every other. */
  readonly adminHash?: string;
  /** CA certificates (PEM) that the host trusts beyond the usual ones, for the backend and the client. */
  readonly ca?: string;
  /** The user's own login or key is to reach a provider: the router's key then travels in a header of its own. */
  readonly passthrough: boolean;
  /** Targets that the client is to list under `/model`: `provider,model`. */
  readonly models?: readonly string[];
}

/** An answer of the router inside a fused container, as the image's `ask` and `reload` print it. */
export interface RouterReply {
  readonly status: number;
  readonly body: string;
}

/** Variables of the fused service's environment. None holds a secret: `docker inspect` shows them. */
export const uidVariable = "SWITCHYARD_UID";
export const gidVariable = "SWITCHYARD_GID";

/** The variable by which the configuration of a container names the backend's own client key (as src/config/container.ts). */
export const clientKeyVariable = "SWITCHYARD_CLIENT_KEY";
/** LiteLLM's administrator's key, which nobody is told. */
export const masterKeyVariable = "LITELLM_MASTER_KEY";

/** Exit status of the image's `reserve`: the backend cannot be started, and its stderr says why. */
export const startFailed = 3;

/**
 * Exit status of a fused container that did not wait for its last shell to leave, as of a program that SIGTERM ends: by it a
 * shell that was open can tell. Other containers end with it when they are stopped.
 */
export const endedFromOutside = 143;

/** Labels by which the engine finds what is this project's. */
export const labels = {
  project: "io.switchyard.project",
  service: "io.switchyard.service",
  /** Of an image, not of a container: which of ours it is. A container inherits it, so it is none of the above. */
  image: "io.switchyard.image",
  /** The workspace's folder on the machine. */
  workspace: "io.switchyard.workspace",
  /** Hash of the configuration and of the keys that the container was started with. */
  config: "io.switchyard.config",
  /** Version of what a service of the stack runs. */
  version: "io.switchyard.version",
  /** Where a service of the stack is reached from the client: what makes it a target of `switchyard switch`. */
  url: "io.switchyard.url",
  /** `true`: the user wants the service to be reached from other machines. */
  public: "io.switchyard.public",
} as const;
