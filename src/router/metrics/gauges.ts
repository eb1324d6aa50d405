/** What is looked up when the metrics are asked for: it is known elsewhere, and counted twice it would differ. */
import type { RouterContext } from "../endpoints/context.ts";
import { entries } from "../endpoints/state.ts";
import type { Gauge } from "./exposition.ts";

const states = ["well", "limited", "resting", "half-open"] as const;

/** Keys and models of each provider by how they stand: breakers and rests. Models are counted where they have failed. */
const standing = async (context: RouterContext): Promise<Gauge[]> => {
  const count = new Map<string, number>();
  const inFlight = new Map<string, number>();
  const all = await entries(context);
  for (const { provider, model, state, inFlight: calls } of all) {
    const key = `${provider} ${model === null ? "key" : "model"} ${state}`;
    count.set(key, (count.get(key) ?? 0) + 1);
    inFlight.set(provider, (inFlight.get(provider) ?? 0) + calls);
  }
  const providers = [...new Set(all.map(({ provider }) => provider))];
  return [
    {
      name: "switchyard_breakers",
      help: "Keys, and models that have failed, by how they stand: resting is an open breaker, half-open one that is tried.",
      samples: providers.flatMap((provider) =>
        ["key", "model"].flatMap((scope) =>
          states.map(
            (state) => [{ provider, scope, state }, count.get(`${provider} ${scope} ${state}`) ?? 0] as const,
          ),
        ),
      ),
    },
    {
      name: "switchyard_provider_calls_in_flight",
      help: "Calls of each provider under way.",
      samples: providers.map((provider) => [{ provider }, inFlight.get(provider) ?? 0] as const),
    },
  ];
};

/** Microseconds to seconds. */
const seconds = (micro: number): number => micro / 1_000_000;

const own = (context: RouterContext): Gauge[] => {
  const { user, system } = process.cpuUsage();
  const workers = context.workers?.figures() ?? { resident: 0, processor: 0 };
  const sample = (name: string, help: string, value: number, kind?: "counter"): Gauge => ({
    name,
    help,
    ...(kind !== undefined && { kind }),
    samples: [[{}, value]],
  });
  return [
    // The request that asks is one itself.
    sample("switchyard_requests_in_flight", "Requests under way.", Math.max(0, context.flights.all - 1)),
    sample(
      "switchyard_draining",
      "1 while the router ends and takes nothing new.",
      context.flights.draining ? 1 : 0,
    ),
    sample(
      "switchyard_configuration_stale",
      "1 where the files of the configuration could not be taken, and the one before them is in force.",
      context.reloader.stale ? 1 : 0,
    ),
    sample(
      "process_resident_memory_bytes",
      "Resident memory of the router.",
      process.memoryUsage.rss() + workers.resident,
    ),
    sample(
      "process_cpu_seconds_total",
      "Processor time of the router, user and system.",
      seconds(user + system + workers.processor),
      "counter",
    ),
    sample(
      "process_start_time_seconds",
      "When the router was started, in seconds since the epoch.",
      Math.round((Date.now() - process.uptime() * 1_000) / 1_000),
    ),
  ];
};

export const gauges = async (context: RouterContext): Promise<Gauge[]> => [
  ...(await standing(context)),
  ...own(context),
];
