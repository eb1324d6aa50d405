/**
 * One of several processes that serve turns at one address. It has connections, rules and dialects of its own; what is remembered from turn to turn it asks of the
 * state that all share, turns go to the ledger's journal, and log, metrics and whatever an administrator asks for are the business of the process that began it.
 */
import type { Config } from "../../config/types.ts";
import { createLogger, redactor } from "../../shared/log.ts";
import { isLoopback } from "../../shared/loopback.ts";
import { AdminAccess } from "../admin/access.ts";
import { createApp, limitRequests } from "../app.ts";
import { ClientRegistry } from "../clients/registry.ts";
import { loadDialects } from "../dialects/index.ts";
import type { RouterContext } from "../endpoints/context.ts";
import { CaptureStore } from "../ledger/capture.ts";
import { createLedger } from "../ledger/ledger.ts";
import { listenAt } from "../listen.ts";
import { LiveHub } from "../live/hub.ts";
import { LogRing } from "../logs/ring.ts";
import { DefaultProfile } from "../profiles/default-profile.ts";
import { keptIn, SessionProfiles } from "../profiles/session-profiles.ts";
import { drain } from "../reload/drain.ts";
import { Flights } from "../reload/flights.ts";
import { inForce } from "../reload/in-force.ts";
import { Reloader } from "../reload/reloader.ts";
import { ScriptSlot } from "../rules/custom/script-slot.ts";
import { openState } from "../state/shared.ts";
import { UpstreamPool } from "../upstream/pool.ts";
import { createForwarder } from "./forward.ts";
import type { Begin, Figures, FromWorker } from "./messages.ts";
import { Report } from "./report.ts";

/** The way to the process that began this one. */
export interface WorkerLink {
  send(message: FromWorker): void;
  /** Tells all others of a choice; resolves when they know it. */
  share(key: string, name: string | undefined): Promise<void>;
}

export interface RunningWorker {
  figures(): Figures;
  /** Makes ready what a configuration needs. @throws SwitchyardError */
  prepare(config: Config): Promise<void>;
  /** Puts in force what was made ready. */
  swap(): void;
  /** Tells all that is told late. */
  report(): Promise<void>;
  /** Knows what administrators have changed. */
  look(defaultProfile: string | undefined): Promise<void>;
  chosen(key: string, name: string | undefined): void;
  watch(on: boolean): void;
  /** @param grace milliseconds */
  end(grace: number): Promise<void>;
}

/** @throws SwitchyardError as `startRouter` */
export const startWorker = async (begin: Begin, link: WorkerLink): Promise<RunningWorker> => {
  const { config, host, port, accessFolder, ledgerFolder } = begin;
  const report = new Report(
    (message) => link.send(message),
    config.ledger.enabled && ledgerFolder === undefined,
  );
  let live: RouterContext | undefined;
  const redact = redactor(config.secrets);
  const log = createLogger({
    level: config.log.level,
    redact: (line) => (live?.redact ?? redact)(line),
    write: (line) => {
      if (begin.writesLog) process.stderr.write(line);
      report.line(line);
    },
  });
  await loadDialects(config.providers.values());
  const scripts = new ScriptSlot(log);
  await scripts.prepare(config);
  scripts.use(config);
  const state = await openState({ log, file: begin.stateFile, near: true });
  const forwarder = createForwarder(begin.rest);
  const keep = keptIn(state);
  const sessionProfiles = new SessionProfiles(begin.chosen, async (key, name) => {
    await Promise.all([keep(key, name), link.share(key, name)]);
  });
  const defaultProfile = new DefaultProfile({ folder: accessFolder, log });
  defaultProfile.look(begin.defaultProfile);
  const unneeded = { config, load: undefined, swap: () => undefined, report: () => undefined };
  const context: RouterContext = {
    config,
    pool: new UpstreamPool(),
    state,
    flights: new Flights(),
    reloader: new Reloader({ ...unneeded, redact }),
    scripts,
    clients: new ClientRegistry({ folder: accessFolder, log, exposed: !isLoopback(host) }),
    defaultProfile,
    sessionProfiles,
    // For the proof of `/ready` alone: whoever administrates is asked for by the process that has what is administrated.
    admin: new AdminAccess({ folder: accessFolder, state, log }),
    edited: undefined,
    metrics: {
      observe: (turn, config) => report.turn(turn, config),
      refused: (code) => report.refused(code),
      metrics: [],
    },
    telemetry: { observe: () => undefined },
    log,
    logRing: new LogRing(),
    live: new LiveHub(),
    ...(ledgerFolder !== undefined && {
      ledger: config.ledger.enabled
        ? createLedger({ folder: ledgerFolder, keeping: config.ledger, takenElsewhere: true, log })
        : undefined,
      captures: new CaptureStore({
        folder: ledgerFolder,
        settings: () => context.config.capture,
        redact: (text) => context.redact(text),
        log,
      }),
    }),
    redact,
    forward: forwarder.handler,
  };
  live = context;
  const force = inForce(context, false);
  const app = createApp(context);
  let next: Config | undefined;
  let unwatch: (() => void) | undefined;
  const watch = (on: boolean): void => {
    unwatch?.();
    unwatch = on ? context.live.listen((message) => link.send({ kind: "live", message })) : undefined;
  };
  watch(begin.watched);
  await listenAt(app, host, port, true);
  return {
    figures: () => {
      const { user, system } = process.cpuUsage();
      return {
        // What is asked of the other process is counted there.
        inFlight: Math.max(0, context.flights.size - forwarder.size),
        resident: process.memoryUsage.rss(),
        processor: user + system,
      };
    },
    prepare: async (config) => {
      next = undefined;
      await loadDialects(config.providers.values());
      await scripts.prepare(config);
      next = config;
    },
    swap: () => {
      if (next === undefined) return;
      force.swap(next);
      scripts.use(next);
      context.ledger?.keep(next.ledger);
      limitRequests(app, next.server.requestTimeout);
      next = undefined;
    },
    report: async () => {
      report.flush();
      await state.together();
    },
    look: async (profile) => {
      defaultProfile.look(profile);
      context.clients.records();
      await state.together();
    },
    chosen: (key, name) => sessionProfiles.set(key, name),
    watch,
    end: async (grace) => {
      await drain({ app, flights: context.flights, log }, grace);
      watch(false);
      forwarder.close();
      await context.pool.close();
      await scripts.close();
      await context.ledger?.close();
      await state.close();
      report.flush();
    },
  };
};
