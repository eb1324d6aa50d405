/** Profiles that users chose for one session of theirs, inside of the client: in memory, for as long as the router runs. */
import type { IncomingHttpHeaders } from "node:http";
import type { ClientIdentity } from "../clients/identity.ts";

/** Sessions that are remembered; the one that chose longest ago is forgotten first. */
const most = 10_000;

export class SessionProfiles {
  readonly #chosen = new Map<string, string>();
  readonly #share: ((key: string, name: string | undefined) => Promise<void>) | undefined;

  /** @param share tells the other processes of this router; resolves when all know it */
  constructor(share?: (key: string, name: string | undefined) => Promise<void>) {
    this.#share = share;
  }

  /** Undefined where the request does not say of which session it is. Another client's session of the same id is another one. */
  #key(headers: IncomingHttpHeaders, client: ClientIdentity | undefined): string | undefined {
    const session = headers["x-claude-code-session-id"];
    return typeof session === "string" && session !== "" ? `${client?.id ?? ""} ${session}` : undefined;
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
    await this.#share?.(key, name);
    return true;
  }

  /** Every choice, the oldest first. */
  get all(): readonly (readonly [key: string, name: string])[] {
    return [...this.#chosen];
  }

  /** A choice as `all` or `share` tells it. */
  set(key: string, name: string | undefined): void {
    this.#chosen.delete(key);
    if (name !== undefined) this.#chosen.set(key, name);
    const [oldest] = this.#chosen.keys();
    if (this.#chosen.size > most && oldest !== undefined) this.#chosen.delete(oldest);
  }
}
