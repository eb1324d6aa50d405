/** What `switchyard status` says of a router, from the answer of its `/api/state`. */
import { expect, it } from "vitest";
import { routerLines } from "../../src/cli/routers/status.ts";

it("lists the workers of a router that has several, with what they serve and hold", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  const since = new Date(now - 4 * 60_000).toISOString();
  const workers = [
    { pid: 4711, since, inFlight: 1, memory: 140e6 },
    { pid: 4712, since, inFlight: 0, memory: 139.6e6 },
  ];
  const state = { status: "serving", workers, targets: [] };
  expect(routerLines({ router: "here", state }, now)).toEqual([
    "router      here: serving",
    "            worker 4711: 1 request under way, 140 MB, since 4 min",
    "            worker 4712: 0 requests under way, 140 MB, since 4 min",
  ]);
});
