/** When V8 compiles what a router calls (docs/adr/0048). */
import { setFlagsFromString } from "node:v8";

/**
 * So many calls of a function until V8's middle compiler takes it, and until its best one does. By itself V8 waits for 400 and 3,000, for programs whose run is short: most of a
 * router's functions are called once a turn, and would be half compiled for as long as most routers live.
 */
const flags = ["--invocation-count-for-maglev=100", "--invocation-count-for-turbofan=500"] as const;

/** Called once the router listens: its start would only become slower. A V8 that does not know these keeps its own. */
export const compileSooner = (): void => {
  for (const flag of flags) setFlagsFromString(flag);
};
