/** Profiles that users chose for one session of theirs, inside of the client: looked up in memory, and kept in the state over restarts. */
import type { IncomingHttpHeaders } from "node:http";
import type { ClientIdentity } from "../clients/identity.ts";
import type { RouterState } from "../state/state.ts";
import { keepChoice, listChoices, mostChoices } from "./choices.ts";

/** The client's ids have 36 characters. */
const longestId = 128;

/** Makes a choice last, and known to whoever else serves the session. @param name undefined: it was taken back */
export type KeepChoice = (key: string, name: string | undefined) => Promise<void>;

/** Choices outlast the router in its state. */
export const keptIn =
  (state: RouterState): KeepChoice =>
  async (key, name) => {
    await state.call(keepChoice, { key, profile: name ?? null });
  };

export class SessionProfiles {
  readonly #chosen: Map<string, string>;
  readonly #keep: KeepChoice;

  /** @param kept the oldest first @param keep called with each choice */
  constructor(kept: readonly (readonly [key: string, name: string])[], keep: KeepChoice) {
    this.#chosen = new Map(kept);
    this.#keep = keep;
  }

  /** With what was chosen before the router was started. */
  static async open(state: RouterState): Promise<SessionProfiles> {
    return new SessionProfiles(await state.call(listChoices, {}), keptIn(state));
  }

  /** Undefined where the request does not say of which session it is. Another client's session of the same id is another one. */
  #key(headers: IncomingHttpHeaders, client: ClientIdentity | undefined): string | undefined {
    const session = headers["x-claude-code-session-id"];
    const isOne = typeof session === "string" && session !== "" && session.length <= longestId;
    return isOne ? `${client?.id ?? ""} ${session}` : undefined;
  }

  /** The profile that was chosen for the session of a request; undefined: none was. */
  of(headers: IncomingHttpHeaders, client: ClientIdentity | undefined): string | undefined {
    if (this.#chosen.size === 0) return undefined;
    const key = this.#key(headers, client);
    return key === undefined ? undefined : this.#chosen.get(key);
  }

  /** @param name undefined takes the choice back @returns whether the request says of which session it is */
  async choose(
    headers: IncomingHttpHeaders,
    client: ClientIdentity | undefined,
    name: string | undefined,
  ): Promise<boolean> {
    const key = this.#key(headers, client);
    if (key === undefined) return false;
    this.set(key, name);
    await this.#keep(key, name);
    return true;
  }

  /** Every choice, the oldest first. */
  get all(): readonly (readonly [key: string, name: string])[] {
    return [...this.#chosen];
  }

  /** A choice as `all` tells it, or another process of this router. */
  set(key: string, name: string | undefined): void {
    this.#chosen.delete(key);
    if (name !== undefined) this.#chosen.set(key, name);
    const [oldest] = this.#chosen.keys();
    if (this.#chosen.size > mostChoices && oldest !== undefined) this.#chosen.delete(oldest);
  }
}
