/** Profiles that users chose for one session of theirs, inside of the client: looked up in memory, and kept in the state over restarts. */
import type { IncomingHttpHeaders } from "node:http";
import type { ClientIdentity } from "../clients/identity.ts";
import type { RouterState } from "../state/state.ts";
import { keepChoice, listChoices, mostChoices } from "./choices.ts";

/** The client's ids have 36 characters. */
const longestId = 128;

export class SessionProfiles {
  readonly #state: RouterState;
  readonly #chosen: Map<string, string>;

  private constructor(state: RouterState, kept: readonly (readonly [string, string])[]) {
    this.#state = state;
    this.#chosen = new Map(kept);
  }

  /** With what was chosen before the router was started. */
  static async open(state: RouterState): Promise<SessionProfiles> {
    return new SessionProfiles(state, await state.call(listChoices, {}));
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
    this.#chosen.delete(key);
    if (name !== undefined) this.#chosen.set(key, name);
    const [oldest] = this.#chosen.keys();
    if (this.#chosen.size > mostChoices && oldest !== undefined) this.#chosen.delete(oldest);
    await this.#state.call(keepChoice, { key, profile: name ?? null });
    return true;
  }
}
