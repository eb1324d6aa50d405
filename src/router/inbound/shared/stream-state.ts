/** What every writer of a stream in another form than the hub's knows of it. */
import type { StopReason, Usage } from "../../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../../dialects/dialect.ts";

export abstract class StreamState {
  /** See `StreamWriter`. */
  committed = false;
  ended = false;
  failure: UpstreamFailure | undefined;
  usage: Usage | undefined;
  stopReason: StopReason | undefined;

  /** @param redact takes secrets out of the failure's words. @returns the failure as the client may be told it, where it must be told inside of the stream */
  protected failed(failure: UpstreamFailure, redact: (text: string) => string): UpstreamFailure | undefined {
    if (this.ended) return undefined;
    this.ended = true;
    this.usage = failure.usage ?? this.usage;
    this.failure = { ...failure, message: redact(failure.message) };
    return this.committed ? this.failure : undefined;
  }
}
