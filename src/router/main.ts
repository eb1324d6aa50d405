/** Starts the router: configuration in, a listening server out. */
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { Config } from "../config/types.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { toldOf } from "../shared/told.ts";
import { createLogger, redactor, type Logger } from "../shared/log.ts";
import { isLoopback } from "../shared/loopback.ts";
import { ledgerFolder } from "../shared/usage.ts";
import { AdminAccess } from "./admin/access.ts";
import { createApp, limitRequests } from "./app.ts";
import { ClientRegistry } from "./clients/registry.ts";
import { unknownKeyNames } from "./clients/unknown-names.ts";
import { loadDialects } from "./dialects/index.ts";
import { restoreChanged, restoreFromLedger } from "./budgets/from-ledger.ts";
import type { RouterContext } from "./endpoints/context.ts";
import type { EditedFile } from "../config/edited-file.ts";
import { createActivator } from "./keys/activate.ts";
import { windowPlans } from "./keys/open-window.ts";
import { CaptureStore } from "./ledger/capture.ts";
import { createLedger } from "./ledger/ledger.ts";
import { listenAt } from "./listen.ts";
import { LiveHub } from "./live/hub.ts";
import { LogRing } from "./logs/ring.ts";
import { TurnMetrics } from "./metrics/turn-metrics.ts";
import { missingDefault } from "./profiles/asked.ts";
import { SessionProfiles } from "./profiles/session-profiles.ts";
import { DefaultProfile } from "./profiles/default-profile.ts";
import { drain } from "./reload/drain.ts";
import { Flights } from "./reload/flights.ts";
import { inForce } from "./reload/in-force.ts";
import { Reloader, type Reloaded } from "./reload/reloader.ts";
import { ScriptSlot } from "./rules/custom/script-slot.ts";
import { openState } from "./state/shared.ts";
import { Telemetry } from "./telemetry/telemetry.ts";
import { UpstreamPool } from "./upstream/pool.ts";
import type { Workers, WorkersOptions } from "./workers/workers.ts";

export interface RunningRouter {
  /** `http://host:port`, with the port that was really taken. */
  readonly url: string;
  readonly log: Logger;
  /** Files that the configuration in force was read from. */
  readonly files: () => readonly string[];
  /** Reads the configuration anew, as `options.load` gives it. Never rejects. */
  reload(): Promise<Reloaded>;
  /**
   * Takes no new turn, lets what is under way end for at most `grace` milliseconds (default: server.drain), then cuts it with an `error` event, and
   * ends. May be called more than once.
   */
  close(grace?: number): Promise<void>;
}

export interface RouterOptions {
  readonly config: Config;
  /** Instead of server.host and server.port. */
  readonly host?: string;
  readonly port?: number;
  /** Where log lines go; default: stderr. */
  readonly write?: (line: string) => void;
  /** Reads the configuration anew, for a reload. Without it there is none. @throws SwitchyardError */
  readonly load?: () => Promise<Config>;
  /** Where cooldowns and what else is remembered is kept; default: in memory alone. */
  readonly stateFile?: string;
  /** Folder of client keys and of the administrator's token (shared/access-files.ts); default: none are kept. */
  readonly accessFolder?: string;
  /** The configuration's file, where it may be changed here. */
  readonly edited?: EditedFile;
}

/** @throws SwitchyardError config.invalid (an address that is not loopback without a client key) */
const requireKeys = (host: string, config: Config, clients: ClientRegistry): void => {
  if (isLoopback(host) || clients.hasKeys(config)) return;
  throw new SwitchyardError("config.invalid", {
    detail: `server.host: ${host} is not loopback, others could use the router, and there is no client key`,
    hint: "Make one: switchyard keys create NAME. Or set SWITCHYARD_CLIENT_KEY (server.clientKeys), or listen on 127.0.0.1.",
  });
};

/** @throws SwitchyardError port.inUse, config.invalid (an address that cannot be listened on, or that needs a client key) */
export const startRouter = async (options: RouterOptions): Promise<RunningRouter> => {
  const { config } = options;
  const host = options.host ?? config.server.host;
  const port = options.port ?? config.server.port;
  let live: RouterContext | undefined;
  const redact = redactor(config.secrets);
  const logRing = new LogRing();
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const toLog = (line: string): void => {
    logRing.add(line);
    write(line);
  };
  const log = createLogger({
    level: config.log.level,
    // It changes with the configuration.
    redact: (line) => (live?.redact ?? redact)(line),
    write: toLog,
  });
  const clients = new ClientRegistry({
    folder: options.accessFolder,
    log,
    exposed: !isLoopback(host),
  });
  requireKeys(host, config, clients);
  const tellUnknownKeys = (of: Config): void => {
    for (const text of unknownKeyNames(of, clients.records())) log.warn({ code: "config.notice" }, text);
  };
  await loadDialects(config.providers.values());
  const scripts = new ScriptSlot(log);
  await scripts.prepare(config);
  scripts.use(config);
  const flights = new Flights();
  const telemetry = new Telemetry(log);
  telemetry.use(config);
  const swap = (next: Config): void => {
    requireKeys(host, next, clients);
    force.swap(next);
    scripts.use(next);
    telemetry.use(next);
    context.ledger?.keep(next.ledger);
    activator.plan(windowPlans(context));
    limitRequests(app, next.server.requestTimeout);
    workers?.swap();
    tellUnknownKeys(next);
  };
  const workers = await workersOf(options, host, port, {
    context: () => context,
    writesLog: options.write === undefined,
    // What they have written themselves is only remembered here.
    write: options.write === undefined ? (line) => logRing.add(line) : toLog,
  });
  const state = await openState({
    log,
    file: workers?.stateFile ?? options.stateFile,
    onForgotten: (held) =>
      void import("./budgets/lost-turns.ts").then(({ settleLostTurns }) => settleLostTurns(context, held)),
  });
  const context: RouterContext = {
    config,
    pool: new UpstreamPool(),
    state,
    clients,
    defaultProfile: new DefaultProfile({ folder: options.accessFolder, log }),
    sessionProfiles: await SessionProfiles.open(state),
    admin: new AdminAccess({ folder: options.accessFolder, state, log }),
    edited: options.edited,
    flights,
    reloader: new Reloader({
      config,
      load: options.load && readied(options.load, scripts, () => context),
      swap,
      report: (reloaded) => reportReload(log, reloaded),
      redact: (text) => context.redact(text),
    }),
    scripts,
    metrics: new TurnMetrics(),
    telemetry,
    workers,
    log,
    logRing,
    live: new LiveHub(),
    ...keepers(options, log, () => context),
    redact,
  };
  live = context;
  const force = inForce(context);
  const activator = createActivator({ log });
  const app = createApp(context);
  let url: string;
  try {
    // The ledger knows of a turn sooner than budgets do: read while turns end, it would have them counted twice.
    await restoreFromLedger(context);
    if (workers === undefined) url = await listenAt(app, host, port);
    else {
      await app.listen({ path: workers.rest });
      url = await workers.listen();
    }
  } catch (error) {
    await workers?.end(0);
    await app.close();
    await context.ledger?.close();
    await context.state.close();
    await scripts.close();
    await telemetry.close();
    workers?.clear();
    throw error;
  }
  for (const notice of [...config.notices, missingDefault(context) ?? []].flat())
    log.warn({ code: "config.notice" }, notice);
  tellUnknownKeys(config);
  const unwatch = context.captures?.watch();
  activator.plan(windowPlans(context));
  const end = async (grace: number): Promise<void> => {
    activator.stop();
    unwatch?.();
    // Those who watch are let go first: what they hold open is in the workers.
    flights.close();
    await workers?.end(grace);
    await drain({ app, flights, log }, grace);
    await context.pool.close();
    await scripts.close();
    await telemetry.close();
    await context.ledger?.close();
    await context.state.close();
    workers?.clear();
  };
  let ending: Promise<void> | undefined;
  return {
    url,
    log,
    files: () => context.config.files,
    reload: async () => {
      const reloaded = await context.reloader.reload();
      await workers?.look();
      return reloaded;
    },
    close: (grace) => (ending ??= end(grace ?? context.config.server.drain)),
  };
};

/** Several processes that serve turns, where the configuration wants them; undefined: this one does. */
const workersOf = async (
  { config: { server }, accessFolder, stateFile }: RouterOptions,
  host: string,
  port: number,
  rest: Pick<WorkersOptions, "context" | "write" | "writesLog">,
): Promise<Workers | undefined> => {
  const count = server.workers === "auto" ? availableParallelism() : server.workers;
  if (count <= 1) return undefined;
  const { Workers: Several } = await import("./workers/workers.ts");
  return new Several({ count, host, port, accessFolder, stateFile, ...rest });
};

/** The ledger, and the store of prompts and answers: beside the file of the state; without one the ledger is in memory, and no text is kept. */
const keepers = (
  { config, stateFile }: RouterOptions,
  log: Logger,
  context: () => RouterContext,
): Pick<RouterContext, "ledger" | "captures"> => {
  const folder = stateFile === undefined ? undefined : join(dirname(stateFile), ledgerFolder);
  const captures =
    folder === undefined
      ? undefined
      : new CaptureStore({
          folder,
          settings: () => context().config.capture,
          redact: (text) => context().redact(text),
          log,
        });
  const ledger = config.ledger.enabled ? createLedger({ folder, keeping: config.ledger, log }) : undefined;
  return { ledger, captures };
};

/** What a configuration needs is there before it is in force: no turn waits for it. */
const readied =
  (load: () => Promise<Config>, scripts: ScriptSlot, context: () => RouterContext) =>
  async (): Promise<Config> => {
    const config = await load();
    await loadDialects(config.providers.values());
    await scripts.prepare(config);
    await context().workers?.prepare(config);
    await restoreChanged(context(), config);
    return config;
  };

const reportReload = (log: Logger, reloaded: Reloaded): void => {
  if (reloaded.outcome === "refused") {
    const { code } = reloaded.error;
    log.error(
      { code },
      `the configuration was not reloaded, the one before it stays in force: ${toldOf(reloaded.error)}`,
    );
    return;
  }
  log.info({ code: "config.reloaded" }, "the configuration was reloaded");
  if (reloaded.needsRestart.length > 0) {
    const names = reloaded.needsRestart.join(", ");
    log.warn({ code: "config.restart" }, `changed, and counts from the next start of the router: ${names}`);
  }
};
