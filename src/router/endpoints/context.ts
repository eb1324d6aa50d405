/** What the endpoints share: the running configuration, connections, log. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../config/types.ts";
import type { Logger } from "../../shared/log.ts";
import { randomHex } from "../../shared/random-hex.ts";
import type { AdminAccess } from "../admin/access.ts";
import type { ClientIdentity } from "../clients/identity.ts";
import type { ClientRegistry } from "../clients/registry.ts";
import type { EditedFile } from "../../config/edited-file.ts";
import type { CaptureStore } from "../ledger/capture.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LiveHub } from "../live/hub.ts";
import type { LogRing } from "../logs/ring.ts";
import type { TurnMetrics } from "../metrics/turn-metrics.ts";
import type { Asked } from "../profiles/asked.ts";
import type { DefaultProfile } from "../profiles/default-profile.ts";
import type { SessionProfiles } from "../profiles/session-profiles.ts";
import type { Flights } from "../reload/flights.ts";
import type { Reloader } from "../reload/reloader.ts";
import type { ScriptSlot } from "../rules/custom/script-slot.ts";
import type { RouteOptions } from "../rules/index.ts";
import type { RouterState } from "../state/state.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { UpstreamPool } from "../upstream/pool.ts";
import type { Workers } from "../workers/workers.ts";

export interface RouterContext {
  /** The configuration in force; read once a request. */
  config: Config;
  readonly pool: UpstreamPool;
  /** Cooldowns, limits and what else is remembered from turn to turn. */
  readonly state: RouterState;
  /** What is under way. */
  readonly flights: Flights;
  readonly reloader: Reloader;
  /** The script of custom rules, where there is one. */
  readonly scripts: ScriptSlot;
  /** Keys of clients. */
  readonly clients: ClientRegistry;
  /** What is asked without a profile goes by it. */
  readonly defaultProfile: DefaultProfile;
  /** What users chose for single sessions. */
  readonly sessionProfiles: SessionProfiles;
  readonly admin: AdminAccess;
  /** Changes the configuration's file; undefined where it is made by somebody else. */
  readonly edited: EditedFile | undefined;
  /** What is counted of turns. */
  readonly metrics: Pick<TurnMetrics, "observe" | "refused" | "metrics">;
  /** Sends traces and metrics, where a collector is configured. */
  readonly telemetry: Pick<Telemetry, "observe">;
  readonly log: Logger;
  /** Its last lines. */
  readonly logRing: LogRing;
  /** Where turns tell what they do, for whoever watches. */
  readonly live: LiveHub;
  /** Undefined where it is switched off. */
  readonly ledger?: Ledger | undefined;
  /** Keeps prompts and answers where the configuration says so; undefined where there is no folder for them. */
  readonly captures?: CaptureStore | undefined;
  redact: (text: string) => string;
  /** The processes that serve turns, where there are several: this one has their state, ledger and log. */
  readonly workers?: Workers | undefined;
  /** In a worker: asks the process that has what is not here. */
  readonly forward?: Handler | undefined;
}

export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** An id of the form that Anthropic's answers carry. */
export const requestId = (): string => `req_${randomHex(12)}`;

/** The body as it came: the app's only body parser leaves bytes alone. */
export const rawBodyOf = (request: FastifyRequest): Buffer | undefined =>
  Buffer.isBuffer(request.body) ? request.body : undefined;

/** What the rules may know beside body and headers. Call it before anything is waited for: configuration and script belong together. */
export const routeOptions = (
  request: FastifyRequest,
  { scripts, log }: Pick<RouterContext, "scripts" | "log">,
  { config, profile }: Asked,
  client: ClientIdentity | undefined,
): RouteOptions => {
  const rawBytes = rawBodyOf(request)?.length ?? 0;
  if (config.custom === undefined) return { rawBytes };
  return {
    rawBytes,
    asker: {
      now: Date.now(),
      ...(client !== undefined && { clientKeyId: client.id, clientKey: client.name }),
      ...(profile !== undefined && { profile }),
    },
    script: scripts.current,
    warn: (text) => log.warn({ code: "rules.slow" }, text),
  };
};

/** The query with its question mark, or nothing. */
export const queryOf = (request: FastifyRequest): string => {
  const url = request.raw.url ?? "";
  const mark = url.indexOf("?");
  return mark === -1 ? "" : url.slice(mark);
};

/** A name as a header's value: what is not printable ASCII (a model id may be anything) is percent-encoded. */
export const headerText = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\x20-\x7e]+/g, (part) => encodeURIComponent(part));
