/** One turn: a client's request on its way through the route's targets. */
import type { IncomingHttpHeaders } from "node:http";
import type { Config, Target, RouteChoice } from "../../config/types.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { Logger } from "../../shared/log.ts";
import type { OwnCredentials } from "../auth.ts";
import type { ClientForm } from "../inbound/client-form.ts";
import type { SkippedTarget } from "../ledger/record.ts";
import type { RouterState } from "../state/state.ts";
import type { UpstreamPool } from "../upstream/pool.ts";
import type { TurnAccount } from "./account.ts";
import type { Reply } from "./reply.ts";

export interface Turn {
  /** The `request-id` of the answer. */
  readonly id: string;
  /** The configuration as it was when the turn began: a reload does not change it under way. */
  readonly config: Config;
  /** How the client speaks. */
  readonly client: ClientForm;
  readonly request: MessagesRequest;
  /** The bytes of the request, while they still say the same as `request`, but for the model. */
  readonly rawBody: Buffer | undefined;
  /** The model id in those bytes. */
  readonly rawModel: string;
  /** See `DialectContext.dropReasoning`. */
  readonly dropReasoning?: boolean;
  /** Without credentials. */
  readonly headers: IncomingHttpHeaders;
  readonly query: string;
  readonly own: OwnCredentials;
  readonly rule: string;
  readonly targets: readonly Target[];
  /** In which order they are tried. */
  readonly choose: RouteChoice;
  /** Size of the request's body in bytes. */
  readonly size: number;
  readonly reply: Reply;
  readonly pool: UpstreamPool;
  readonly state: RouterState;
  readonly log: Logger;
  readonly redact: (text: string) => string;
  readonly account: TurnAccount;
  /** What the answer's headers say of it; kept up to date while targets are tried. */
  readonly progress: {
    target: string;
    attempts: number;
    providerRequestId?: string | undefined;
    /** Targets that could not take the request, or could not be asked for now. */
    skipped: SkippedTarget[];
  };
}
