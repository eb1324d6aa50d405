/** What a client on the user's machine needs to ask the router: variables of its environment, and settings of its own. */
import type { Config, ProfileConfig } from "../../config/types.ts";
import type { Environment } from "../../shared/paths.ts";

/** The router as such a client reaches it. */
export interface Connection {
  /** With the profile's path and without a trailing slash: `http://127.0.0.1:3000/p/glm`. */
  readonly baseUrl: string;
  /** The client's own key, or a text that stands for none where the router asks for none. Never a provider's. */
  readonly key: string;
  /** Whether the router asks for it. */
  readonly needsKey: boolean;
  /** The user's own login is forwarded: it keeps the place of credentials, and the key goes in a header of its own. */
  readonly passthrough: boolean;
  readonly profile: ProfileConfig | undefined;
  readonly config: Config;
}

/** By name; null: the variable must not be set, for it would send the client elsewhere. */
export type Variables = Readonly<Record<string, string | null>>;

/** Settings of a client as a file of its own. Pure: texts in, texts out. */
export interface OwnSettings {
  /** Full path. */
  file(env: Environment): string;
  /**
   * The text with the router in it, everything else as it was.
   * @param text undefined or empty: there is nothing yet
   * @throws SwitchyardError persist.refused where it cannot be understood, or says the same already by other hands
   */
  put(text: string | undefined, connection: Connection): string;
  /**
   * The text without what `put` wrote, for a file that was changed since: what it replaced stands again, what the user changed stays.
   * @param before what `put` was given; @param after what it made of it
   */
  take(text: string, before: string | undefined, after: string): string;
  /** What the user should know once it is written. */
  readonly note?: string;
}

export interface Client {
  /** As in `switchyard env NAME`. */
  readonly name: string;
  /** In lists. */
  readonly title: string;
  variables(connection: Connection): Variables;
  /** Why the client would not heed its variables on this machine, and what to do; undefined where it does. */
  hindrance?(): string | undefined;
  /** Arguments that must stand behind its command, where variables do not do: each shell gets an alias with them. */
  arguments?(connection: Connection): readonly string[];
  /** Undefined: there is no such file, or it is no single program. */
  readonly settings?: OwnSettings;
  /** Files that are written and taken back with it. */
  readonly besides?: readonly OwnSettings[];
}
