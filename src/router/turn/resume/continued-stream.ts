/**
 * One stream of the client over several attempts (`server.resume`): what breaks off after its first content goes on where it stopped. Each attempt
 * gets a form whose writer writes into the one stream that the client reads.
 *
 * Calls of tools are held until they are whole: half a call could neither be taken back nor be finished by another model.
 */
import type { MessagesRequest, Usage } from "../../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";
import type { ClientForm, StreamWriter } from "../../inbound/client-form.ts";
import { Part } from "./part.ts";
import { Shown } from "./shown.ts";

/** How a turn can go on that has broken off. */
export type Way =
  /** As if nothing had been shown: thinking at most was, and may be followed by other thinking. */
  | "anew"
  /** By a model that takes up an answer that was begun. */
  | "prefix"
  /** It is whole enough: the calls that were made can be carried out. */
  | "calls"
  /** Not at all. */
  | "none";

export class ContinuedStream {
  readonly #form: ClientForm;
  #shown = new Shown();
  #writer: StreamWriter | undefined;

  constructor(form: ClientForm) {
    this.#form = form;
  }

  /** The form for the next attempt. */
  form(): ClientForm {
    return {
      ...this.#form,
      // Of bytes that pass nobody knows what was shown.
      tap: () => undefined,
      streamWriter: (model, redact) => {
        // Of an attempt that failed before its first content nothing is to stay, not even the head.
        if (!this.begun) {
          this.#writer = this.#form.streamWriter(model, redact);
          this.#shown = new Shown();
        }
        // Thinking that broke off has no signature, and is not to be mixed with the next model's.
        const writer = this.#writer!;
        if (!this.#shown.inText) writer.endBlock();
        return new Part(writer, this.#shown);
      },
    };
  }

  /** True once the client has seen a part. */
  get begun(): boolean {
    return this.#writer?.committed === true;
  }

  get way(): Way {
    if (!this.begun) return "anew";
    if (this.#shown.other) return "none";
    if (this.#shown.calls > 0) return "calls";
    return this.#shown.text.trim() === "" ? "anew" : "prefix";
  }

  /** The request for the next attempt: what was said already stands behind it, as the beginning of the answer. */
  request(asked: MessagesRequest): MessagesRequest {
    if (this.way !== "prefix") return asked;
    // No model thinks in the middle of its answer (llama.cpp and Anthropic refuse to), and none takes a beginning that ends with a blank.
    return {
      ...asked,
      thinking: { type: "disabled" },
      messages: [
        ...asked.messages,
        { role: "assistant", content: [{ type: "text", text: this.#shown.text.trimEnd() }] },
      ],
    };
  }

  /** What is known of the usage of an answer that never came to its own end: what its head said. */
  get usage(): Usage {
    return { input_tokens: 0, output_tokens: 0, ...this.#shown.headUsage };
  }

  /** Ends the answer with the calls that were shown whole. @returns what is to be written */
  endWithCalls(): string {
    this.#writer!.finish({ stopReason: "tool_use", usage: this.usage });
    return this.#writer!.take();
  }

  /** Tells the client inside of its stream. @returns what is to be written */
  fail(failure: UpstreamFailure): string {
    this.#writer!.fail(failure);
    return this.#writer!.take();
  }
}
