/** Endpoints of the ledger. */
import type { RouterContext } from "../context.ts";
import type { Endpoint } from "../index.ts";
import { later } from "../later.ts";

const asked = () => import("./usage.ts");
const kept = () => import("./captures.ts");
const stats = () => import("./token-stats.ts");

const usage = later(async () => (await asked()).usage);
const usageSeries = later(async () => (await asked()).usageSeries);
const usageExport = later(async () => (await asked()).usageExport);
const turns = later(async () => (await asked()).turns);
const turn = later(async () => (await asked()).turn);
const listCaptures = later(async () => (await kept()).listCaptures);
const capture = later(async () => (await kept()).capture);
const captureText = later(async () => (await kept()).captureText);
const deleteCaptures = later(async () => (await kept()).deleteCaptures);
const tokenStats = later(async () => (await stats()).tokenStats);
const resetTokenStats = later(async () => (await stats()).resetTokenStats);
const tokenStatsPage = later(async () => (await stats()).tokenStatsPage);

export const ledgerEndpoints = (context: RouterContext): readonly Endpoint[] => [
  { methods: ["GET"], path: "/api/usage", handler: usage(context) },
  { methods: ["GET"], path: "/api/usage/series", handler: usageSeries(context) },
  { methods: ["GET"], path: "/api/usage/export", handler: usageExport(context) },
  { methods: ["GET"], path: "/api/turns", handler: turns(context) },
  { methods: ["GET"], path: "/api/turns/:id", handler: turn(context) },
  { methods: ["GET"], path: "/api/captures", handler: listCaptures(context) },
  { methods: ["GET"], path: "/api/captures/:id", handler: capture(context) },
  { methods: ["GET"], path: "/api/captures/:id/:kind", handler: captureText(context) },
  { methods: ["POST"], path: "/api/captures/delete", handler: deleteCaptures(context) },
  { methods: ["GET"], path: "/api/token-stats", handler: tokenStats(context) },
  { methods: ["POST"], path: "/api/token-stats/reset", handler: resetTokenStats(context) },
  { methods: ["GET"], path: "/token-stats.html", handler: tokenStatsPage(context), access: "admin" },
];
