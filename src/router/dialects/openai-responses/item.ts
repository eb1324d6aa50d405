/** One item of an answer while it comes: what of it has been passed on. Deltas, `done` events and the last event repeat the same content. */
import type { ResponsesOutputItem } from "../../../protocol/openai-responses.ts";
import { isJsonObject } from "../../../shared/json.ts";

export interface Item {
  /** In the order of appearance. */
  readonly place: number;
  /** Empty where only a delta has told of it. */
  type: string;
  id: string;
  /** Of a call: what its result refers to. */
  callId: string;
  /** A call's name has been passed on. */
  named: boolean;
  /** Text, thinking or arguments that have been passed on. */
  seen: string;
  /** The same by part. */
  readonly parts: Map<string, string>;
  /** Reasoning comes as a summary or in full; where both come, the first kind counts. */
  thinks: "summary" | "content" | undefined;
  /** Citations that have been passed on. */
  cited: number;
  done: boolean;
}

export const newItem = (place: number, type: string): Item => ({
  place,
  type,
  id: "",
  callId: "",
  named: false,
  seen: "",
  parts: new Map(),
  thinks: undefined,
  cited: 0,
  done: false,
});

export const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** A part's place in its item. LiteLLM leaves it out of deltas and gives it, as 0, with the whole part that follows them. */
export const partKey = (index: unknown): string => (typeof index === "number" ? String(index) : "0");

/** What `whole` has beyond what was seen of it; empty where it tells another story, which cannot be taken back. */
export const restOf = (whole: string, seen: string): string =>
  whole.length > seen.length && whole.startsWith(seen) ? whole.slice(seen.length) : "";

/** The items of a list that came as JSON. */
export const objectsIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((item) => isJsonObject(item)) : [];

/** Arguments as text: some providers send the object itself. */
export const argumentsOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : word(value);

/**
 * The item as it can be sent back, or undefined where its provider could do nothing with it: without encrypted content or the reasoning itself an
 * id would be looked up where nothing is stored. Null fields are refused in requests.
 */
export const replayable = (item: ResponsesOutputItem): Record<string, unknown> | undefined => {
  if (word(item.encrypted_content) === "" && objectsIn(item.content).length === 0) return undefined;
  const kept = Object.entries(item).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(kept), summary: Array.isArray(item.summary) ? item.summary : [] };
};
