/** How an attempt ended. */
import type { Usage } from "../../protocol/anthropic.ts";
import type { UpstreamFailure } from "../dialects/dialect.ts";

export type Outcome =
  | {
      kind: "done";
      usage: Usage | undefined;
      stopReason: string | undefined;
      /** Milliseconds from the call to the first content; undefined of an answer that came in one piece. */
      firstToken?: number | undefined;
    }
  /** Nothing was shown to the client. `lost`: the connection broke before a byte came, as a kept one does that the provider closes. */
  | { kind: "failed"; failure: UpstreamFailure; lost?: boolean }
  /** The client saw a part, and was told nothing yet: another attempt may go on with it. */
  | { kind: "interrupted"; failure: UpstreamFailure }
  /** The client saw a part, and was told of the failure. */
  | { kind: "cut"; failure: UpstreamFailure; usage: Usage | undefined }
  | { kind: "aborted" };
