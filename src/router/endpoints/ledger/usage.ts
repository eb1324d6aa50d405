/** `GET /api/usage`, `/api/usage/series`, `/api/usage/export`, `/api/turns`, `/api/turns/{id}`: what the ledger knows. */
import { Readable } from "node:stream";
import { SwitchyardError } from "../../../shared/errors.ts";
import { exported, exportTypes } from "../../ledger/export.ts";
import { groupings } from "../../ledger/queries.ts";
import type { Handler, RouterContext } from "../context.ts";
import { ledgerOf, Query } from "./query.ts";

const outcomes = ["done", "failed", "cut", "aborted"] as const;

/** Answers a `UsageAnswer` (ledger/queries.ts). */
export const usage = (context: RouterContext): Handler =>
  async function handleUsage(request, reply) {
    const query = new Query(request, ["by", "timezone", "limit"]);
    const answer = await ledgerOf(context).usage({
      by: query.oneOf("by", groupings) ?? "model",
      filter: query.filter(),
      timezone: query.timezone(),
      limit: query.limit(),
      ...query.range(),
    });
    return reply.send(answer);
  };

/** Answers a `SeriesAnswer`. */
export const usageSeries = (context: RouterContext): Handler =>
  async function handleSeries(request, reply) {
    const query = new Query(request, ["step", "by", "timezone", "percentiles"]);
    const by = query.oneOf("by", ["model", "provider", "session", "key", "rule", "profile"]);
    const answer = await ledgerOf(context).series({
      step: query.oneOf("step", ["hour", "day"]) ?? "day",
      by,
      filter: query.filter(),
      timezone: query.timezone(),
      percentiles: query.percentiles(by),
      ...query.range(),
    });
    return reply.send(answer);
  };

/** Answers a `TurnsAnswer`. */
export const turns = (context: RouterContext): Handler =>
  async function handleTurns(request, reply) {
    const query = new Query(request, ["outcome", "limit", "after", "order"]);
    const answer = await ledgerOf(context).turns({
      filter: query.filter(),
      outcome: query.oneOf("outcome", outcomes),
      limit: query.limit(),
      after: query.after(),
      oldestFirst: query.oneOf("order", ["newest", "oldest"]) === "oldest",
      ...query.range(),
    });
    return reply.send(answer);
  };

/** Answers a `StoredTurn`. @throws SwitchyardError ledger.noTurn */
export const turn = (context: RouterContext): Handler =>
  async function handleTurn(request, reply) {
    const { id } = request.params as { id: string };
    const found = await ledgerOf(context).turn(id);
    if (found === undefined) throw new SwitchyardError("ledger.noTurn", { detail: id.slice(0, 100) });
    return reply.send(found);
  };

/** Every turn of a span, as a file; read page by page, as fast as it is taken. */
export const usageExport = (context: RouterContext): Handler =>
  async function handleExport(request, reply) {
    const query = new Query(request, ["format", "outcome"]);
    const format = query.oneOf("format", ["csv", "json"]) ?? "csv";
    const { since, until = Date.now() } = query.range();
    const lines = exported(ledgerOf(context), format, {
      filter: query.filter(),
      outcome: query.oneOf("outcome", outcomes),
      since,
      until,
    });
    void reply
      .header("content-type", exportTypes[format])
      .header("content-disposition", `attachment; filename="switchyard-usage.${format}"`);
    return reply.send(Readable.from(lines));
  };
