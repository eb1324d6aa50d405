/**
 * The bodies of the last turns. A client sends its whole conversation with every turn: what stands at the beginning of a body and stood there the turn
 * before is found by comparing bytes, which runs at the speed of memory, and is not parsed again. The messages (and tools) of both turns are then the same
 * objects, and what was made of them can be kept with them (lasting.ts).
 *
 * It is bounded by bytes. Clients with different keys share nothing.
 */
import { randomBytes } from "node:crypto";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { isJsonObject } from "../../shared/json.ts";
import { layoutBehind, layoutOf, sharedBytes, type Layout, type Span } from "./json-layout.ts";
import { makeLast } from "./lasting.ts";

/** Bodies that are shorter are parsed as quickly as they are compared. Bytes. */
const shortBody = 32 * 1024;
/** Bodies that are kept: each new one is compared with all of them. */
const mostEntries = 64;
/** Bytes of bodies that are kept, over all sessions: twenty of 200,000 tokens. What was made of them takes two to three times as much beside. */
const mostBytes = 16 * 1024 * 1024;
/** Messages that begin all bodies of a client, whatever the session. */
const fewest = 2;

/** Room behind a session's body for its next turns: one of 200,000 tokens grows by a hundredth a turn. */
const growth = 1.25;

/** Where a body lies. */
interface Place {
  readonly raw: Buffer;
  /** Memory of our own in which it lies, mostly longer; undefined: `raw` is the request's, which others read too. */
  readonly room: Buffer | undefined;
}

interface Entry extends Place {
  readonly owner: string;
  readonly messages: MessagesRequest["messages"];
  readonly tools: MessagesRequest["tools"];
  /** Looked for when it is first needed: most requests that are no turns of a session have no second. */
  layout: Layout | undefined;
}

/** What a body has in common with one before. */
interface Match {
  readonly entry: Entry;
  readonly layout: Layout;
  /** How many bytes, from the beginning on. */
  readonly bytes: number;
  /** How many messages. */
  readonly messages: number;
  /** Where `tools` stand in the new body, where they are the same. */
  readonly tools: Span | undefined;
}

export interface Read {
  /** The body as `JSON.parse` would give it. */
  readonly body: unknown;
  /** Keeps it for the session's next turn, once it is known to be well formed. */
  readonly keep: (request: MessagesRequest) => void;
}

/** Stands in the place of what is not parsed again. Nobody else can know it. */
const standIn = `switchyard:${randomBytes(16).toString("hex")}`;
const standInBytes = JSON.stringify(standIn);

export class BodyMemory {
  readonly #mostBytes: number;
  readonly #shortest: number;
  /** The one used last at the end. An array, for a `Set` would keep some of those that left it (shared/dense-set.ts). */
  readonly #entries: Entry[] = [];
  #bytes = 0;

  /** @param limits replaced in tests: bytes of bodies that are kept at most, and of a body that is worth it */
  constructor(limits: { readonly mostBytes?: number; readonly shortest?: number } = {}) {
    this.#mostBytes = limits.mostBytes ?? mostBytes;
    this.#shortest = limits.shortest ?? shortBody;
  }

  /** Bytes of the bodies that are kept, with the room behind them. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Parses a body.
   * @param parse the plain way, which throws where the body is no JSON
   * @param owner whose it is; nothing is shared between two of them
   */
  read(raw: Buffer, owner: string, parse: (raw: Buffer) => unknown): Read {
    if (raw.length < this.#shortest) return { body: parse(raw), keep: () => undefined };
    const match = this.#match(raw, owner);
    const body = match && shortParse(raw, match);
    if (body === undefined)
      return {
        body: parse(raw),
        keep: (request) => this.#add({ raw, room: undefined }, owner, request, undefined),
      };
    return {
      body,
      keep: (request) => {
        const { entry, layout } = match!;
        makeLast(request.messages);
        makeLast(request.tools ?? []);
        const behind = layoutBehind(raw, layout, match!.messages, match!.tools);
        // The client's cache marker leaves the last message of the turn before, and its last two may be written anew.
        const goesOn = match!.messages >= layout.ends.length - 2;
        if (goesOn) this.#drop(entry);
        const place = goesOn ? this.#placeAfter(entry, raw, match!.bytes) : { raw, room: undefined };
        this.#add(place, owner, request, behind);
      },
    };
  }

  #match(raw: Buffer, owner: string): Match | undefined {
    let best: Entry | undefined;
    let most = 0;
    for (const entry of this.#entries) {
      if (entry.owner !== owner) continue;
      const shared = sharedBytes(entry.raw, raw);
      if (shared > most) [best, most] = [entry, shared];
    }
    if (best === undefined) return undefined;
    const layout = (best.layout ??= layoutOf(best.raw));
    // The byte behind a message shows that it ends there.
    const messages = layout === undefined ? 0 : countBelow(layout.ends, most);
    if (layout === undefined || messages < fewest || layout.ends.length !== best.messages.length)
      return undefined;
    const tools = sameTools(raw, best.raw, layout.tools, most);
    return { entry: best, layout, bytes: most, messages, tools };
  }

  /**
   * The next body of a session is written over the one before, from where they differ: the request's own buffer goes with its turn. To keep it meant that each turn left the
   * one before behind, as old, and every tenth turn of a session of 200,000 tokens had V8 collect the whole heap for it (docs/adr/0046).
   */
  #placeAfter({ room }: Place, raw: Buffer, shared: number): Place {
    // One that is too long is not kept.
    if (raw.length > this.#mostBytes) return { raw, room: undefined };
    if (room !== undefined && raw.length <= room.length) {
      raw.copy(room, shared, shared);
      return { raw: room.subarray(0, raw.length), room };
    }
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#mostBytes, Math.ceil(raw.length * growth)));
    raw.copy(larger);
    return { raw: larger.subarray(0, raw.length), room: larger };
  }

  #add(
    place: Place,
    owner: string,
    { messages, tools }: Pick<MessagesRequest, "messages" | "tools">,
    layout: Layout | undefined,
  ): void {
    const size = sizeOf(place);
    if (size > this.#mostBytes) return;
    this.#entries.push({ ...place, owner, messages, tools, layout });
    this.#bytes += size;
    while (this.#bytes > this.#mostBytes || this.#entries.length > mostEntries) this.#drop(this.#entries[0]!);
  }

  #drop(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at === -1) return;
    this.#entries.splice(at, 1);
    this.#bytes -= sizeOf(entry);
  }
}

const sizeOf = ({ raw, room = raw }: Place): number => room.length;

/** How many of these ascending numbers are below `limit`. */
const countBelow = (numbers: readonly number[], limit: number): number => {
  const first = numbers.findIndex((each) => each >= limit);
  return first === -1 ? numbers.length : first;
};

/** Tools stand before what is new, or between it and the end. */
const sameTools = (
  raw: Buffer,
  before: Buffer,
  tools: Span | undefined,
  shared: number,
): Span | undefined => {
  if (tools === undefined) return undefined;
  if (tools.to <= shared) return tools;
  const tail = before.length - tools.from;
  if (tail > raw.length || before.compare(raw, raw.length - tail, raw.length, tools.from) !== 0)
    return undefined;
  const moved = raw.length - before.length;
  return { from: tools.from + moved, to: tools.to + moved };
};

/**
 * Parses a body without what is known of it. Each part that is left out has a stand-in, which the parser must find where the part belongs: then the whole body
 * would have been read the same, for those bytes were whole values there before. Undefined where it did not.
 */
const shortParse = (raw: Buffer, { entry, layout, messages, tools }: Match): unknown => {
  const cuts: Span[] = [{ from: layout.messages, to: layout.ends[messages - 1]! }];
  if (tools !== undefined) cuts.push(tools);
  cuts.sort((a, b) => a.from - b.from);
  let text = "";
  let at = 0;
  for (const { from, to } of cuts) {
    if (from < at) return undefined;
    text += raw.toString("utf8", at, from) + standInBytes;
    at = to;
  }
  text += raw.toString("utf8", at);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(body) || !Array.isArray(body["messages"]) || body["messages"][0] !== standIn)
    return undefined;
  if (tools !== undefined && body["tools"] !== standIn) return undefined;
  body["messages"] = [...entry.messages.slice(0, messages), ...(body["messages"] as unknown[]).slice(1)];
  if (tools !== undefined) body["tools"] = entry.tools;
  return body;
};
