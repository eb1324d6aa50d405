/** What reads an answer: one for each way in which it goes to the client. Synchronous per chunk. */
import type { Usage } from "../../../protocol/anthropic.ts";
import type { DialectContext, HttpDialect, UpstreamFailure } from "../../dialects/dialect.ts";
import type { ClientForm } from "../../inbound/client-form.ts";
import type { Outcome } from "../outcome.ts";

export interface AnswerReader {
  push(chunk: Buffer): void;
  /** The connection ended as the provider wished. */
  end(): void;
  /** The answer breaks off: by the connection, a time-out, the router's own end. */
  broken(failure: UpstreamFailure): void;
  /** What the provider has reported so far, whatever becomes of the answer. */
  readonly usage: Usage | undefined;
}

/** The attempt as far as a reader has to do with it. */
export interface AnswerHost {
  readonly dialect: HttpDialect;
  readonly context: DialectContext;
  readonly client: ClientForm;
  readonly redact: (text: string) => string;
  /** Name and origin of the provider, for messages. */
  readonly where: string;
  readonly settled: boolean;
  /** Milliseconds from the call to the first content that the client was shown. */
  readonly firstToken: number | undefined;
  /** A part of the client's stream. False: it does not read so fast. */
  write(part: string | Buffer): boolean;
  /** The next bytes are the last that the client gets. */
  ending(outcome: Outcome): void;
  /** Ends the client's stream. */
  endReply(): void;
  /** The client's whole answer. */
  send(body: string | Buffer): void;
  /** Reads no further until the client has caught up. */
  pause(): void;
  /** The attempt is over; what the provider still sends is dropped. */
  finish(outcome: Outcome): void;
  /** The attempt is over, and its connection is given up. */
  abort(outcome: Outcome): void;
}
