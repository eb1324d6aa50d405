/**
 * What a dialect is. A dialect turns a hub request (the Anthropic form) into its own, and its answers into calls of a
 * `MessageSink`. Dialect is code, provider is data: what differs from provider to provider is a flag of `Quirks`.
 */
import type { DialectName, ModelInfo, ProviderConfig } from "../../config/types.ts";
import type { ContentBlock, MessagesRequest, StopReason, Usage } from "../../protocol/anthropic.ts";
import type { AnthropicErrorType } from "../../shared/errors.ts";

/** A failure of a provider, in Anthropic's terms. */
export interface UpstreamFailure {
  /** HTTP status for the client. */
  status: number;
  type: AnthropicErrorType | (string & {});
  /** The provider's own words where it had any; never a secret, never a stack. */
  message: string;
  /** Seconds or date, as the provider said it. */
  retryAfter?: string;
  /** From when on it may be asked again by the provider's own word, in any of its forms: milliseconds since the epoch. */
  until?: number;
  /** The status that the provider sent, where `status` is another. */
  sentStatus?: number;
  /** The beginning of what the provider sent, as it came: only searched, never shown. */
  said?: string;
  /**
   * The same request meets the same end until the user changes something (a rejected key): the client is told not to repeat
   * it, which it would do in silence for minutes.
   */
  hopeless?: boolean;
  /** The request is sound, this target alone cannot serve it: the next one is tried, whatever the status. */
  elsewhere?: boolean;
  /** `error.details` of Anthropic's shape, for programs: clients act on it. */
  details?: Readonly<Record<string, unknown>>;
  /** The body in Anthropic's shape that the provider sent itself, passed on unmodified. */
  body?: Buffer;
  /** Headers of the provider's answer that the client understands. */
  headers?: Readonly<Record<string, string>>;
  /** `message` is the router's alone: nothing that a provider or a client sent is quoted in it. */
  own?: boolean;
  /** What the provider says that it used, though it failed. */
  usage?: Usage;
}

/** How a message ends. */
export interface MessageEnd {
  stopReason: StopReason;
  stopSequence?: string | null;
  usage: Usage;
  /** What the provider's own judge said of the calls, as it said it (auto mode's `safeguard_results`). */
  safeguardResults?: readonly unknown[];
}

/**
 * Where a decoder puts what it understood. The sink keeps the invariants of an Anthropic message: it numbers blocks, opens
 * and closes them as kinds change, drops empty deltas. Calls after `finish` or `fail` are ignored.
 */
export interface MessageSink {
  /** Facts of the message's head. The first call counts; without one, `finish` or content starts the message itself. */
  start(head: { id?: string; model?: string; usage?: Partial<Usage> }): void;
  /** Text; a new text block where the open block is of another kind. */
  text(delta: string): void;
  thinking(delta: string): void;
  /** Signature of the open thinking block (or of an empty one, where none is open); closes it. */
  signature(value: string): void;
  /** Opens a tool call. */
  toolStart(id: string, name: string): void;
  /** A piece of the open tool call's JSON arguments. */
  toolInput(partialJson: string): void;
  /** Closes the open block, whatever it is. */
  endBlock(): void;
  /** Opens a block of a kind that has no method of its own (server tool calls, anything not known here). */
  openBlock(block: { type: string; [field: string]: unknown }): void;
  /** A delta of the open block, as it is: for deltas that have no method of their own (citations, …). */
  delta(delta: { type: string; [field: string]: unknown }): void;
  /** A block that is whole at once: redacted thinking, results of server tools, anything not known here. */
  block(block: ContentBlock | { type: string; [field: string]: unknown }): void;
  /** The end: closes the open block, gives the reason and the final usage. */
  finish(end: MessageEnd): void;
  /** The provider failed, in the middle of a stream too. */
  fail(failure: UpstreamFailure): void;
  /** True once `finish` or `fail` was called. */
  readonly ended: boolean;
}

export interface DialectContext {
  readonly provider: ProviderConfig;
  /** The provider's own model id. */
  readonly model: string;
  readonly info: ModelInfo | undefined;
  /** Whether the client asked for a stream. */
  readonly stream: boolean;
  /** The query of the client's request with its question mark (`?beta=true`), or the empty string. */
  readonly query: string;
  /** Headers of the client's request, lower-cased, without credentials of any kind. */
  readonly clientHeaders: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's request body as it came, while nothing in it but the model id had to change: lets a dialect pass bytes through. */
  readonly rawBody: Buffer | undefined;
  /** The model id that stands in `rawBody`, where the request has another (without the client's `[1m]`). */
  readonly rawModel?: string | undefined;
  /** The provider refused reasoning of earlier turns: none goes with what passes as bytes. `request` has none already. */
  readonly dropReasoning?: boolean | undefined;
  /** What was asked. A decoder needs it where names had to be shortened, or where the provider has no stop sequences. */
  readonly request?: MessagesRequest | undefined;
}

export interface EncodedRequest {
  /** Added to the provider's `baseUrl`. */
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** Reads a provider's stream. Synchronous per chunk; never throws. */
export interface StreamDecoder {
  push(chunk: Buffer): void;
  /** The connection ended as the provider wished: calls `finish`, or `fail` where the stream was not complete. */
  end(): void;
  /** What the provider has reported so far, for an answer that never comes to its end. */
  readonly usage: Usage | undefined;
}

/** Watches a stream that is passed on as bytes. Never throws. */
export interface StreamTap {
  /** Whole events; at the end of a stream also what is left of one. */
  push(events: Buffer): void;
  end(): void;
  /** The message has begun: what was seen must reach the client, failover is over. */
  readonly started: boolean;
  /** The provider's error event, or what is missing at the end; undefined while all is well. */
  readonly failure: UpstreamFailure | undefined;
  /** The message has ended, well or by an `error` event: nothing that follows counts. */
  readonly ended: boolean;
  /** True when the provider's own `error` event is among the bytes: the client has been told. */
  readonly errorSent: boolean;
  readonly usage: Usage | undefined;
  readonly stopReason: string | undefined;
  /** Whole events as the client is to have them: leaves out what only the router asked for. */
  rewrite?(events: Buffer): Buffer;
  /** What is missing at the end of a stream that is complete otherwise. */
  closing?(): string;
  /** How this stream tells of a failure after its start; default: the form of the client knows. */
  cut?(failure: UpstreamFailure): string;
}

export interface HttpDialect {
  readonly kind: "http";
  readonly name: DialectName;
  encode(request: MessagesRequest, context: DialectContext): EncodedRequest;
  /** The decoder of a streamed answer. */
  decodeStream(sink: MessageSink, context: DialectContext): StreamDecoder;
  /** A whole JSON answer (parsed), also where a stream was asked for and the provider sent one piece. */
  decodeMessage(body: unknown, sink: MessageSink, context: DialectContext): void;
  /**
   * Where the answer may be passed to the client as bytes: the tap that watches them go by. Undefined where the answer must be decoded.
   */
  tap?(context: DialectContext): StreamTap | undefined;
  /** Headers of an answer or an error that go on to the client, because it understands them. */
  answerHeaders?(
    headers: Readonly<Record<string, string | string[] | undefined>>,
    context: DialectContext,
  ): Readonly<Record<string, string>> | undefined;
  /**
   * Who runs the search that the client asks for with its tool `web_search_…`: the provider by itself (`own`); the provider, once a call of its own
   * function is given back to it (`given-back`); or nobody there (`none`).
   */
  webSearch(request: MessagesRequest, context: DialectContext): "own" | "given-back" | "none";
  /** A provider's error answer. `body` is the raw text, at most 1 MB of it. */
  decodeError(
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    body: string,
  ): UpstreamFailure;
}

/** A dialect that answers by itself. */
export interface LocalDialect {
  readonly kind: "local";
  readonly name: DialectName;
  answer(request: MessagesRequest, sink: MessageSink, context: DialectContext & { routedBy: string }): void;
}

export type Dialect = HttpDialect | LocalDialect;
