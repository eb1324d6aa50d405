/** What the routers of the project say of themselves: how their keys and models stand, and whether their configuration is that of the files. */
import { isJsonObject, type JsonObject } from "../../shared/json.ts";
import { spanText } from "../ui/duration.ts";
import { answerOf, type RouterDoor } from "./doors.ts";

/** As `GET /api/state` answers (src/router/endpoints/state.ts): what is read of it here. */
export interface RouterStatus {
  readonly router: string;
  /** Why it does not answer. */
  readonly problem?: string;
  readonly state?: Readonly<Record<string, unknown>>;
}

export const routerStatus = (doors: readonly RouterDoor[]): Promise<RouterStatus[]> =>
  Promise.all(
    doors.map(async (door) => {
      const answer = await answerOf(door.ask("GET", "/api/state"));
      return typeof answer === "string"
        ? { router: door.name, problem: answer }
        : { router: door.name, state: answer };
    }),
  );

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** `gemini, key …f3a1, gemini-2.5-pro  resting for 4 min (quota)`. @returns undefined for what needs no word */
const targetLine = (entry: unknown, now: number): string | undefined => {
  if (!isJsonObject(entry) || entry["state"] === "well") return undefined;
  const key = textOf(entry["key"]);
  const name = [
    textOf(entry["provider"]) ?? "",
    ...(key === undefined ? [] : [`key ${key}`]),
    ...(textOf(entry["model"]) === undefined ? [] : [textOf(entry["model"])]),
  ].join(", ");
  const until = textOf(entry["until"]);
  const words = [
    textOf(entry["state"]) ?? "",
    ...(until === undefined ? [] : [`for ${spanText(Math.max(0, Date.parse(until) - now))}, until ${until}`]),
    ...(textOf(entry["reason"]) === undefined ? [] : [`(${textOf(entry["reason"])})`]),
  ].join(" ");
  return `${name}: ${words}`;
};

/** `worker 4711: 3 requests under way, 140 MB, since 4 min` */
const workerLine = ({ pid, inFlight, memory, since }: JsonObject, now: number): string => {
  const began = Date.parse(textOf(since) ?? "");
  return [
    `worker ${String(pid)}: ${String(inFlight)} ${inFlight === 1 ? "request" : "requests"} under way`,
    ...(typeof memory === "number" ? [`${Math.round(memory / 1e6)} MB`] : []),
    ...(Number.isNaN(began) ? [] : [`since ${spanText(now - began)}`]),
  ].join(", ");
};

/** Lines for a person, the router's name before each. @param now milliseconds since the epoch */
export const routerLines = (status: RouterStatus, now = Date.now()): string[] => {
  const { router, problem, state } = status;
  if (state === undefined) return [`router      ${router}: ${problem ?? "no answer"}`];
  const configuration = isJsonObject(state["configuration"]) ? state["configuration"] : {};
  const refused = isJsonObject(configuration["problem"]) ? configuration["problem"] : undefined;
  const restart = configuration["needsRestart"];
  const loadedAt = Date.parse(textOf(configuration["loadedAt"]) ?? "");
  const since = Number.isNaN(loadedAt) ? "" : `, configuration read ${spanText(now - loadedAt)} ago`;
  const targets = Array.isArray(state["targets"]) ? state["targets"] : [];
  const workers = Array.isArray(state["workers"]) ? state["workers"] : [];
  const profile = textOf(state["profile"]);
  return [
    `router      ${router}: ${textOf(state["status"]) ?? "unknown"}${since}`,
    ...workers.filter(isJsonObject).map((each) => `            ${workerLine(each, now)}`),
    ...(profile === undefined ? [] : [`            profile ${profile} serves what is asked without one`]),
    ...(refused === undefined
      ? []
      : [
          `            the changed configuration is refused, the one before it is in force: ${(textOf(refused["message"]) ?? "").replaceAll(/\s*\n\s*/g, "; ")}`,
        ]),
    ...(Array.isArray(restart) && restart.length > 0
      ? [`            changed, and counts from its next start: ${restart.join(", ")}`]
      : []),
    ...targets.flatMap((each) => {
      const line = targetLine(each, now);
      return line === undefined ? [] : [`            ${line}`];
    }),
  ];
};
