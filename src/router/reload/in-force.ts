/** Puts a configuration in force: everything that goes by it changes in one step, between two requests. */
import type { Config } from "../../config/types.ts";
import { redactor } from "../../shared/log.ts";
import type { RouterContext } from "../endpoints/context.ts";
import { missingDefault } from "../profiles/asked.ts";

/** Swaps the configuration of a context. @param tells writes its notices to the log: of several processes one does */
export const inForce = (context: RouterContext, tells = true): { swap(config: Config): void } => {
  /** Secrets of configurations whose requests are still under way. */
  let former = new Set<string>();
  const forget = (): void => {
    if (former.size === 0 || context.flights.hasOlder) return;
    former = new Set();
    context.redact = redactor(context.config.secrets);
  };
  context.flights.onLeave = forget;
  return {
    swap: (config) => {
      for (const secret of context.config.secrets) former.add(secret);
      context.config = config;
      context.redact = redactor([...config.secrets, ...former]);
      context.log.level = config.log.level;
      context.flights.turnOver();
      context.pool.retire(config);
      const notices = tells ? [...config.notices, missingDefault(context) ?? []].flat() : [];
      for (const notice of notices) context.log.warn({ code: "config.notice" }, notice);
      forget();
    },
  };
};
