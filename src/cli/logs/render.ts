/** One line of a log, for a person or for a program. */
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { isJsonObject, type JsonObject } from "../../shared/json.ts";
import { nameColours, type Colour, type Paint } from "../ui/colour.ts";
import type { Entry, Source } from "./entry.ts";
import type { Redaction } from "./redaction.ts";

/** Names of pino's levels (getpino.io/#/docs/api?id=loggerlevels-object), and the colour of those that matter. */
const levels: ReadonlyMap<number, { readonly name: string; readonly colour?: Colour }> = new Map([
  [10, { name: "trace", colour: "dim" }],
  [20, { name: "debug", colour: "dim" }],
  [30, { name: "info" }],
  [40, { name: "warn", colour: "yellow" }],
  [50, { name: "error", colour: "red" }],
  [60, { name: "fatal", colour: "red" }],
]);

/** Fields of a line that stand elsewhere in it, or say nothing. */
const known = new Set(["level", "time", "msg", "pid", "hostname", "v"]);

/** Characters of a field, at most. */
const longestField = 160;

const shorten = (text: string): string =>
  text.length > longestField ? `${text.slice(0, longestField)}…` : text;

const fieldText = (value: unknown): string => {
  // The stack is for --json.
  const error = isJsonObject(value) && typeof value["stack"] === "string" ? value["message"] : undefined;
  const plain = typeof error === "string" ? error : value;
  if (typeof plain === "string")
    return /^[^\s"=]+$/.test(plain) ? shorten(plain) : shorten(JSON.stringify(plain));
  return shorten(JSON.stringify(plain));
};

const escape = "\u001B";
const sgr = new RegExp(String.raw`${escape}\[[\d;:]*m`, "g");
/** What moves the cursor or rings a bell: the control characters (Unicode's category Cc) but the tab. */
const control = /(?!\t)\p{Cc}/gu;

/** A service's words cannot change the terminal that shows them: of its escape sequences only colours are kept, where there are any. */
const harmless = (text: string, coloured: boolean): string => {
  const clean = (piece: string): string =>
    stripVTControlCharacters(piece).replaceAll(
      control,
      (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
  if (!text.includes(escape) || !coloured) return clean(text);
  const colours = [...text.matchAll(sgr)].map(([colour]) => colour);
  const pieces = text.split(sgr).map((piece, i) => clean(piece) + (colours[i] ?? ""));
  return colours.length === 0 ? pieces.join("") : `${pieces.join("")}${escape}[0m`;
};

const two = (value: number): string => String(value).padStart(2, "0");

/** `07:33:04.699` in local time; with `11-20` before it on another day than `now`'s, and the year where that differs. */
export const localTime = (time: string, now = new Date()): string => {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  if (at.toDateString() === now.toDateString()) return clock;
  const day = `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
  return at.getFullYear() === now.getFullYear() ? day : `${at.getFullYear()}-${day}`;
};

/** The object that a line is, its texts redacted; undefined for a line that is none. */
const objectOf = (text: string, redact: (text: string) => string): JsonObject | undefined => {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text, (_name, each: unknown) =>
      typeof each === "string" ? redact(each) : each,
    );
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The line without what must not be seen. Of one that was cut the end is left out: a secret may have begun there. */
const safeText = (entry: Entry, { redact, longest }: Redaction): string => {
  const text = redact(entry.text);
  return entry.cut === true ? `${text.slice(0, -longest)}…` : text;
};

export interface RenderOptions {
  readonly redaction: Redaction;
  readonly paint: Paint;
  readonly coloured: boolean;
  readonly now?: () => Date;
}

/** Names services so that they can be told apart: in a column, each in a colour of its own. */
export class Names {
  readonly #services: string[] = [];
  readonly #workspaces = new Set<string>();
  #width = 0;

  add(source: Source): void {
    if (!this.#services.includes(source.service)) this.#services.push(source.service);
    if (source.workspace !== "") this.#workspaces.add(source.workspace);
    this.#width = Math.max(this.#width, this.label(source).length);
  }

  /** With the workspace's folder where there is more than one. */
  label({ service, workspace }: Source): string {
    return workspace === "" || this.#workspaces.size < 2 ? service : `${service}(${basename(workspace)})`;
  }

  get width(): number {
    return this.#width;
  }

  colour({ service }: Source): Colour {
    const place = Math.max(0, this.#services.indexOf(service));
    return nameColours[place % nameColours.length] ?? "cyan";
  }
}

/** `time service LEVEL message field=value …`. A line that is not our own JSON stays as it is after the service. */
export const renderForPerson = (entry: Entry, names: Names, options: RenderOptions): string => {
  const { redaction, paint, coloured } = options;
  const text = safeText(entry, redaction);
  const own = objectOf(text, redaction.redact);
  const label = names.label(entry.source);
  const head = `${paint("dim", localTime(entry.time, options.now?.()))} ${paint(names.colour(entry.source), label)}${" ".repeat(Math.max(0, names.width - label.length))}`;
  const level = typeof own?.["level"] === "number" ? levels.get(own["level"]) : undefined;
  if (own === undefined || level === undefined || typeof own["msg"] !== "string")
    return redaction.redact(`${head}  ${harmless(text, coloured)}`).trimEnd();
  const fields = Object.entries(own)
    .filter(([name, value]) => !known.has(name) && value !== null)
    .map(([name, value]) => `${name}=${harmless(fieldText(value), false)}`);
  const word = level.name.toUpperCase().padEnd(5);
  const parts = [
    level.colour === undefined ? word : paint(level.colour, word),
    harmless(own["msg"], false),
    ...(fields.length === 0 ? [] : [paint("dim", fields.join(" "))]),
  ];
  return redaction.redact(`${head}  ${parts.join(" ")}`);
};

/** A JSON object: what the service said, with the time and the service; other lines as `msg`. */
export const renderAsJson = (entry: Entry, { redaction }: Pick<RenderOptions, "redaction">): string => {
  const text = safeText(entry, redaction);
  const { service, workspace } = entry.source;
  const said = objectOf(text, redaction.redact) ?? { msg: stripVTControlCharacters(text) };
  return redaction.redact(
    JSON.stringify({
      ...said,
      time: entry.time,
      service,
      ...(workspace !== "" && { workspace }),
    }),
  );
};
