/** An answer with an error status: read to its end, or as far as it is worth, and told in the client's terms. */
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import { restUntil } from "../../failures/reset-time.ts";
import { speaksSame } from "../../inbound/client-form.ts";
import { BodyCollector } from "./body-collector.ts";
import type { AnswerHost, AnswerReader } from "./reader.ts";

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

const bodyLimit = 1024 * 1024;
/** Characters in which the kind of the failure is looked for. */
const searched = 8000;

export class ErrorAnswer implements AnswerReader {
  /** A request that was refused has used nothing that anybody tells of. */
  readonly usage = undefined;
  readonly #host: AnswerHost;
  readonly #status: number;
  readonly #headers: AnswerHeaders;
  readonly #shown: Readonly<Record<string, string>> | undefined;
  readonly #received = new BodyCollector(bodyLimit);

  /** @param shown headers of the answer that the client understands */
  constructor(
    host: AnswerHost,
    status: number,
    headers: AnswerHeaders,
    shown: Readonly<Record<string, string>> | undefined,
  ) {
    this.#host = host;
    this.#status = status;
    this.#headers = headers;
    this.#shown = shown;
  }

  push(chunk: Buffer): void {
    if (!this.#received.push(chunk)) this.#host.abort({ kind: "failed", failure: this.#failure() });
  }

  end(): void {
    this.#host.finish({ kind: "failed", failure: this.#failure() });
  }

  /** The status says more than the break does. */
  broken(): void {
    this.#host.abort({ kind: "failed", failure: this.#failure() });
  }

  #failure(): UpstreamFailure {
    const text = this.#received.text();
    const failure = this.#host.dialect.decodeError(this.#status, this.#headers, text);
    const body = this.#ownBody(failure.body, text);
    if (body === undefined) delete failure.body;
    else failure.body = body;
    failure.sentStatus = this.#status;
    failure.said = text.slice(0, searched);
    const until = restUntil(this.#headers, text, Date.now());
    if (until !== undefined) failure.until = until;
    if (this.#shown !== undefined) failure.headers = this.#shown;
    return failure;
  }

  /** The error's body where it is one of the client's own form: that goes back as it came. */
  #ownBody(anthropic: Buffer | undefined, text: string): Buffer | undefined {
    const { client, dialect } = this.#host;
    if (!speaksSame(client, dialect)) return undefined;
    if (client.name === "anthropic") return anthropic;
    return isErrorBody(text) ? Buffer.from(text) : undefined;
  }
}

/** An error of OpenAI's form: `{error: {message, …}}`. */
const isErrorBody = (text: string): boolean => {
  const error = parseJsonObject(text)?.["error"];
  return isJsonObject(error) && typeof error["message"] === "string";
};
