/**
 * What a worker knows of keys by itself: where nothing rests, is limited or switched off, a key is taken and given back without a question to the process that holds
 * the tables, which is told of it a moment later. The commands of the same names decide wherever this does not.
 */
import { nearLease } from "../state/near-lease.ts";
import type { Mirror } from "../state/mirror.ts";
import { switchedOff } from "../switches/commands.ts";
import { restName, scopesOf } from "./rests.ts";
import { nameOf, rests } from "./tables.ts";
import { leaseLasts } from "./take.ts";
import type { GiveArgs, KeyTerms, TakeArgs, Taken } from "./terms.ts";
import type { ToldCall, ToldUse } from "./told.ts";

/** A conversation that goes on is told of anew after so many milliseconds: well before it is forgotten. */
const tellAgain = 600_000;
/** Conversations that are remembered here; beyond them the one that was first is asked about again. */
const most = 10_000;

interface Kept {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly told: number;
}

const isUnlimited = ({ requestsPerMinute, tokensPerMinute, concurrent }: KeyTerms): boolean =>
  requestsPerMinute === undefined && tokensPerMinute === undefined && concurrent === undefined;

export class NearKeys {
  readonly #mirror: Mirror;
  /** Leases that were taken here and are not given back. */
  readonly #open = new Set<string>();
  /** By provider and conversation. */
  readonly #kept = new Map<string, Kept>();
  #taken: ToldCall[] = [];
  #given: GiveArgs[] = [];
  #conversations: ToldUse["kept"][number][] = [];

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  /** @returns undefined: it is to be asked for */
  take(args: TakeArgs, now: number): Taken | undefined {
    const { provider, model, tokens } = args;
    const key = this.#keyOf(args);
    if (key === undefined || !isUnlimited(key) || !this.#isWell(provider, key.id, model, now))
      return undefined;
    this.#keep(args, key.id, now);
    const lease = nearLease(now);
    this.#open.add(lease);
    this.#taken.push([lease, provider, key.id, model, now, tokens, now + (args.longest ?? leaseLasts)]);
    return { kind: "taken", key: key.id, lease, probe: false };
  }

  /** A key that was asked for was given: its conversation need not ask again. */
  learn({ provider, conversation }: TakeArgs, taken: Taken, now: number): void {
    if (conversation === undefined || taken.kind !== "taken") return;
    this.#remember(nameOf(provider, conversation), { key: taken.key, told: now });
  }

  /** Another process has moved a conversation to another key. @param name of it, with its provider's */
  moved(name: string): void {
    this.#kept.delete(name);
  }

  /** @returns false: it is to be sent. A failure is: whoever asks next is to know of it */
  give(args: GiveArgs): boolean {
    if (!this.#open.delete(args.lease) || args.result.kind === "failed") return false;
    this.#given.push(args);
    return true;
  }

  /** What is to be told; undefined: nothing. */
  told(): ToldUse | undefined {
    const [taken, given, kept] = [this.#taken, this.#given, this.#conversations];
    if (taken.length === 0 && given.length === 0) return undefined;
    [this.#taken, this.#given, this.#conversations] = [[], [], []];
    return { taken, given, kept };
  }

  /** With several keys the one that the conversation is on: which one a new conversation gets goes by the use of all. */
  #keyOf({ provider, keys, tried, conversation }: TakeArgs): KeyTerms | undefined {
    if (tried.length > 0) return undefined;
    if (keys.length === 1) return keys[0];
    if (conversation === undefined) return undefined;
    const id = this.#kept.get(nameOf(provider, conversation))?.key;
    return keys.find((key) => key.id === id);
  }

  #isWell(provider: string, key: string, model: string, now: number): boolean {
    if (this.#mirror.get(switchedOff, provider, now) !== undefined) return false;
    if (this.#mirror.isEmpty(rests)) return true;
    return scopesOf(provider, key, model).every(
      (scope) => this.#mirror.get(rests, restName(scope), now) === undefined,
    );
  }

  #keep({ provider, conversation }: TakeArgs, key: string, now: number): void {
    if (conversation === undefined) return;
    const name = nameOf(provider, conversation);
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.key === key && now - kept.told < tellAgain) return;
    this.#remember(name, { key, told: now });
    this.#conversations.push([provider, conversation, key]);
  }

  #remember(name: string, kept: Kept): void {
    this.#kept.delete(name);
    this.#kept.set(name, kept);
    if (this.#kept.size <= most) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      break;
    }
  }
}
