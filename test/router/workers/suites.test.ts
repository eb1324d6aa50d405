/** What holds of a router holds of one with two workers: these suites once more. The setting is read when a router is begun, behind the imports. */
import "./patience.ts";
import "../http/budgets.test.ts";
import "../http/metrics.test.ts";
import "../profiles/session-commands.test.ts";

process.env["ROUTER_WORKERS"] = "2";
