/** What a plan is made from, and what it is made of. Pure data: the engine fills the one and carries out the other. */
import type { Target } from "../target.ts";

/** As the engine names them. */
export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
export type Health = "healthy" | "starting" | "unhealthy" | "none";

export interface SeenService {
  readonly service: string;
  /** Name of the container. */
  readonly container: string;
  readonly state: ContainerState;
  readonly health: Health;
  /** Compose's own hash of what it was made from. */
  readonly hash: string;
  /** Where it is reached from the client, where it can be a target. */
  readonly url?: string;
  /** Full name of its image. */
  readonly image: string;
  /** The client alone: the folder on the machine that it works in. */
  readonly workspace?: string;
  /** The client alone: it reads other settings than those of the state folder. */
  readonly settingsOutOfSight?: boolean;
}

export interface SeenFused {
  readonly container: string;
  readonly workspace: string;
  readonly running: boolean;
}

export interface PortConflict {
  readonly service: string;
  readonly port: number;
  /** Key of the configuration that chooses the port. */
  readonly setting: string;
  /** In words, such as `node (process 4711)`. */
  readonly owner: string;
}

/** What is there. */
export interface Observed {
  readonly services: readonly SeenService[];
  readonly fused: readonly SeenFused[];
  /** Full names of images that are wanted and not there. */
  readonly missingImages: readonly string[];
  /** Ports of wanted services that somebody else holds. */
  readonly conflicts: readonly PortConflict[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Where the client's settings point, or undefined where there are none yet. */
  readonly target: Target | undefined;
  /** The client's settings are, to the letter, those of the wanted target. */
  readonly settingsCurrent: boolean;
  /** Generated files and folders of the state folder, for `clean`. */
  readonly files: readonly string[];
}

export interface WantedService {
  readonly service: string;
  readonly image: string;
  /** Compose's hash of what it is to be made from. */
  readonly hash: string;
  /** The client alone. */
  readonly workspace?: string;
  /** The same with the target that is in the environment of the running container: differs from `hash` for the client alone. */
  readonly hashButTarget?: string;
  /** Services that must be healthy before it starts. */
  readonly after: readonly string[];
  /** It says by itself whether it is well. */
  readonly checked: boolean;
}

/** What is to be there. */
export interface Wanted {
  readonly services: readonly WantedService[];
  readonly target: Target;
}

/** One thing to do, and why. */
export type Step = (
  | { readonly do: "build"; readonly image: string; readonly service: string }
  /** Writes the compose document and the secrets. */
  | { readonly do: "write" }
  /** Has the client's settings name the target, and the compose document, for the next time that the client is recreated. */
  | { readonly do: "point"; readonly from: Target | undefined; readonly to: Target }
  | { readonly do: "create" | "recreate" | "start" | "resume"; readonly service: string }
  | { readonly do: "wait"; readonly service: string }
  /** Asks the target from inside the client's container. */
  | { readonly do: "probe"; readonly target: Target }
  /** Waits until a session that runs has read its new settings. */
  | { readonly do: "settle" }
  /** Remembers the choice. */
  | { readonly do: "record"; readonly from: Target | undefined; readonly to: Target }
  | { readonly do: "stop"; readonly container: string }
  | {
      readonly do: "remove";
      readonly what: "container" | "network" | "volume" | "file";
      readonly name: string;
    }
) & { readonly because: string };

export interface Plan {
  readonly steps: readonly Step[];
  /** What the user should know though it changes nothing. */
  readonly notes: readonly string[];
}

/** A plan, or why there is none. */
export type Planned =
  | ({ readonly ok: true } & Plan)
  | {
      readonly ok: false;
      readonly code: "port.inUse" | "switch.refused" | "usage.invalid";
      readonly why: string;
      readonly hint: string;
    };
