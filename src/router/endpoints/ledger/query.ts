/** Reads the query of a question to the ledger. What is not understood is an error: a filter that is misspelt would show everything. */
import type { FastifyRequest } from "fastify";
import { isZone, parseDate } from "../../../config/hours.ts";
import { SwitchyardError } from "../../../shared/errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { isCursor } from "../../ledger/cursor.ts";
import { filterNames, type Filter, type Range } from "../../ledger/queries.ts";
import { queryOf, type RouterContext } from "../context.ts";

/** @throws SwitchyardError ledger.off */
export const ledgerOf = ({ ledger }: Pick<RouterContext, "ledger">): Ledger => {
  if (ledger === undefined) throw new SwitchyardError("ledger.off");
  return ledger;
};

const refuse = (detail: string): never => {
  throw new SwitchyardError("request.query", { detail });
};

/** `1795255200000`, `2026-11-21`, `2026-11-21T10:00:00Z`, `2026-11-21T10:00+01:00`; without a zone it is UTC. */
const instant = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

export class Query {
  readonly #given: URLSearchParams;

  /** @param known names that may be asked with, beside those of a range and a filter. @throws SwitchyardError request.malformed */
  constructor(request: FastifyRequest, known: readonly string[]) {
    this.#given = new URLSearchParams(queryOf(request));
    const names: readonly string[] = ["since", "until", ...filterNames, ...known];
    for (const name of this.#given.keys()) {
      if (!names.includes(name)) refuse(`${name} is not known here; known: ${names.join(", ")}`);
      if (this.#given.getAll(name).length > 1) refuse(`${name} stands there more than once`);
    }
  }

  text(name: string): string | undefined {
    return this.#given.get(name) ?? undefined;
  }

  /** @throws SwitchyardError request.malformed */
  oneOf<const Names extends readonly string[]>(name: string, names: Names): Names[number] | undefined {
    const value = this.text(name);
    if (value !== undefined && !names.includes(value))
      refuse(`${name}: expected one of ${names.join(", ")}, found ${JSON.stringify(value)}`);
    return value;
  }

  /** @throws SwitchyardError request.malformed */
  limit(): number | undefined {
    const value = this.text("limit");
    if (value === undefined) return undefined;
    const limit = Number(value);
    return /^\d{1,4}$/.test(value) && limit >= 1 && limit <= 1_000
      ? limit
      : refuse(`limit: expected 1 to 1000, found ${JSON.stringify(value)}`);
  }

  /** @throws SwitchyardError request.malformed */
  timezone(): string | undefined {
    const value = this.text("timezone");
    return value === undefined || isZone(value)
      ? value
      : refuse(`timezone: expected a name as Europe/Berlin, found ${JSON.stringify(value)}`);
  }

  /** Where a page begins: what is not understood would begin anew, for ever. @throws SwitchyardError request.malformed */
  after(): string | undefined {
    const value = this.text("after");
    return value === undefined || isCursor(value)
      ? value
      : refuse(`after: expected \`next\` of the answer before, found ${JSON.stringify(value.slice(0, 60))}`);
  }

  /** @throws SwitchyardError request.malformed */
  range(): Range {
    return { since: this.#instant("since"), until: this.#instant("until") };
  }

  filter(): Filter {
    return Object.fromEntries(
      filterNames.flatMap((name) => {
        const value = this.text(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  }

  /** @param by what else is asked for. @throws SwitchyardError request.malformed, where no percentiles are kept by that */
  percentiles(by: string | undefined): boolean {
    if (this.oneOf("percentiles", ["true", "false"]) !== "true") return false;
    const kept = new Set(["model", "provider"]);
    const asked = [...(by === undefined ? [] : [by]), ...Object.keys(this.filter())];
    const not = asked.find((name) => !kept.has(name));
    if (not !== undefined)
      refuse(`percentiles: they are kept of all turns, by model and by provider, not by ${not}`);
    return true;
  }

  #instant(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (/^\d{1,15}$/.test(value)) return Number(value);
    const zoned = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value) || !value.includes("T") ? value : `${value}Z`;
    // 30 February would be taken for 2 March.
    const day = value.slice(0, 10);
    const isDay = instant.test(value) && parseDate(day, "UTC") !== undefined;
    const at = isDay ? Date.parse(zoned) : Number.NaN;
    return Number.isNaN(at)
      ? refuse(
          `${name}: expected a time as 2026-11-21T10:00:00Z, or milliseconds, found ${JSON.stringify(value)}`,
        )
      : at;
  }
}
