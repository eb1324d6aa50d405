/**
 * How one client speaks: the protocol of its request, and so of its answer. A form is made for each request. The hub between client and
 * provider stays Anthropic's; where both speak the same protocol, the form passes bytes.
 */
import type { MessageResponse, MessagesRequest, StopReason, Usage } from "../../protocol/anthropic.ts";
import type {
  DialectContext,
  EncodedRequest,
  HttpDialect,
  MessageSink,
  StreamTap,
  UpstreamFailure,
} from "../dialects/dialect.ts";

export type ClientFormName = "anthropic" | "openai-chat" | "openai-responses" | "gemini";

/** A `MessageSink` that writes the client's stream. */
export interface StreamWriter extends MessageSink {
  /** What is to be written to the client since the last call. */
  take(): string;
  /** True once something that cannot be taken back stands in the output: the first content, or a regular end. */
  readonly committed: boolean;
  readonly failure: UpstreamFailure | undefined;
  /** It broke off, and the client was not told: somebody else may go on with the stream. */
  readonly interrupted?: boolean;
  readonly usage: Usage | undefined;
  readonly stopReason: StopReason | undefined;
}

/** What the log is told of an answer that passed as bytes. */
export interface PassedMessage {
  usage: Usage | undefined;
  stopReason: string | undefined;
}

export interface ClientForm {
  readonly name: ClientFormName;
  /** Sent while a provider is silent. */
  readonly ping: string;
  /** `content-type` of a stream; default: server-sent events. */
  readonly streamType?: string;
  /** The request for a provider: by its dialect, or the client's own bytes where both speak the same. */
  encode(dialect: HttpDialect, request: MessagesRequest, context: DialectContext): EncodedRequest;
  /** The watcher of a stream that the client may have as bytes; undefined where the answer must be decoded. */
  tap(dialect: HttpDialect, context: DialectContext): StreamTap | undefined;
  /** What a whole answer says that the client may have as bytes; undefined where it must be decoded. @param json an object */
  passes(
    dialect: HttpDialect,
    context: DialectContext,
    json: Readonly<Record<string, unknown>>,
  ): PassedMessage | undefined;
  /** The bytes of such an answer as the client is to have them; default: as they came. */
  passed?(bytes: Buffer, context: DialectContext): Buffer;
  /** @param model for the head, where the provider names none; @param redact takes secrets out of a failure's words */
  streamWriter(model: string, redact: (text: string) => string): StreamWriter;
  /** A whole answer as the client's JSON. */
  message(message: MessageResponse): string;
  /** A failure inside of a stream. */
  errorEvent(failure: UpstreamFailure): string;
  /** A failure as an answer of its own. */
  errorAnswer(failure: UpstreamFailure): { status: number; body: string | Buffer };
}

/** Whether a provider speaks the client's own protocol. */
export const speaksSame = (form: Pick<ClientForm, "name">, dialect: { readonly name: string }): boolean =>
  dialect.name === form.name;
