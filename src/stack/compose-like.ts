/**
 * A compose document as it is looked at, not written: the merged one that `docker compose config --format json` prints, or our own
 * (document.ts). Only what the lint reads has a type; all of it may be missing.
 */

export interface PortLike {
  readonly target?: number;
  readonly host_ip?: string;
  /** `3000`, a range `9000-9002` of which the engine takes one, `0` or nothing for any free one. */
  readonly published?: string | number;
  readonly protocol?: string;
}

export interface MountLike {
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path?: boolean } | null;
}

/** A secret or a config, where a service uses it. */
export interface FileUseLike {
  readonly source: string;
  readonly target?: string;
}

/** A secret or a config, where it is defined: exactly one of these. */
export interface FileSourceLike {
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
}

export interface ServiceLike {
  readonly image?: string;
  readonly container_name?: string;
  readonly ports?: readonly PortLike[];
  readonly depends_on?: Readonly<
    Record<string, { readonly condition?: string; readonly required?: boolean }>
  >;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: string | readonly string[] } | null;
  readonly secrets?: readonly FileUseLike[];
  readonly configs?: readonly FileUseLike[];
  readonly volumes?: readonly MountLike[];
  readonly tmpfs?: string | readonly string[];
  readonly read_only?: boolean;
  readonly network_mode?: string;
  readonly networks?: unknown;
  readonly privileged?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly scale?: number;
  readonly deploy?: { readonly replicas?: number } | null;
  /** These are only looked through for keys. */
  readonly environment?: unknown;
  readonly command?: unknown;
  readonly entrypoint?: unknown;
  readonly build?: unknown;
}

export interface ComposeLike {
  readonly name?: string;
  readonly services?: Readonly<Record<string, ServiceLike>>;
  readonly networks?: Readonly<Record<string, unknown>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, FileSourceLike>>;
  readonly configs?: Readonly<Record<string, FileSourceLike>>;
}

/** What a document cannot tell. */
export interface LintFacts {
  /** True where there is a file or folder at this path of the machine that the engine runs on. */
  readonly fileExists: (path: string) => boolean;
  /** Values that must not stand in what the engine shows to everyone: keys of providers, tokens. */
  readonly secrets?: readonly string[];
  /** Who has a container of this name already, in words; undefined where nobody outside this project has. */
  readonly nameHolder?: (name: string) => string | undefined;
  /** True where the image itself has a healthcheck; undefined where that is not known. */
  readonly imageHealthcheck?: (image: string) => boolean | undefined;
  /** The generated document without the user's additions, in the same form: what it mounts is ours. Undefined: all of it is. */
  readonly generated?: ComposeLike;
}

export type Severity = "error" | "warning";

export interface Finding {
  readonly severity: Severity;
  /** Name of the rule, as `ports.duplicate`. */
  readonly rule: string;
  /** Undefined where it is not in a service but in `networks` or `volumes`. */
  readonly service?: string;
  /** The key, from the service (or the document) on: `ports[1]`, `environment.FOO`. */
  readonly key: string;
  /** What is wrong, one sentence without a full stop. Never holds a secret. */
  readonly message: string;
  /** What to do, one sentence. */
  readonly todo: string;
}

/** One rule: looks at a document and what is known of the machine. */
export type LintRule = (document: ComposeLike, facts: LintFacts) => Finding[];

export const servicesOf = (document: ComposeLike): [string, ServiceLike][] =>
  Object.entries(document.services ?? {});

/** A string of a compose document as it is meant: `$$` stands for `$`. */
export const unescaped = (text: string): string => text.replaceAll("$$", "$");

/** True where compose has still to fill in a variable: such a value says nothing yet. */
export const isOpen = (text: string): boolean => /\$\{/.test(text.replaceAll("$$", ""));
