/** The operators of the cases' expectations (their README lists them), and the summary of a stream that their pointers read. */
import { isDeepStrictEqual } from "node:util";
import { accumulateFrames } from "./accumulate.ts";
import { type Frame, problemsOf } from "./validate-anthropic-stream.ts";

export interface Expectation {
  ptr?: string;
  op: string;
  value?: unknown;
  where?: Record<string, unknown>;
  key?: string;
}

export interface Case {
  id: string;
  strength: "must" | "should" | "may";
  description: string;
  input: unknown;
  expect: Expectation[];
  context?: unknown;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 6901. Undefined where nothing is there. */
export const at = (root: unknown, pointer = ""): unknown => {
  let value = root;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = value[Number(name)] as unknown;
    else if (isFields(value)) value = value[name];
    else return undefined;
  }
  return value;
};

const asText = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");
const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
const lengthOf = (value: unknown): number | undefined =>
  Array.isArray(value) || typeof value === "string" ? value.length : undefined;
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
const items = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const matching = (value: unknown, where: Fields = {}): Fields[] =>
  items(value).filter((item) => Object.entries(where).every(([key, wanted]) => equal(item[key], wanted)));

/** A string, or the text parts of a list joined. */
const joinedText = (value: unknown): string =>
  typeof value === "string"
    ? value
    : items(value)
        .map((part) => (typeof part["text"] === "string" ? part["text"] : ""))
        .join("");

const everyObject = function* (value: unknown): Generator<Fields> {
  if (Array.isArray(value)) for (const item of value) yield* everyObject(item);
  if (!isFields(value)) return;
  yield value;
  for (const inner of Object.values(value)) yield* everyObject(inner);
};

const parsedText = (value: unknown): unknown => {
  try {
    return JSON.parse(String(value)) as unknown;
  } catch {
    return undefined;
  }
};

/** What breaks an invariant. The judges of OpenAI's two forms put it into their summaries. */
const invariants: Record<string, (root: unknown) => readonly string[]> = {
  "anthropic-stream": (root) => problemsOf((root as { frames: Frame[] }).frames),
  "chat-stream": (root) => (root as { problems: string[] }).problems,
  "responses-stream": (root) => (root as { problems: string[] }).problems,
};

type Operator = (found: unknown, expectation: Expectation, root: unknown) => boolean;

const operators: Record<string, Operator> = {
  eq: (found, { value }) => equal(found, value),
  ne: (found, { value }) => !equal(found, value),
  exists: (found) => found !== undefined,
  absent: (found) => found === undefined,
  len: (found, { value }) => lengthOf(found) === value,
  type: (found, { value }) => kindOf(found) === value,
  contains: (found, { value }) => asText(found).includes(String(value)),
  not_contains: (found, { value }) => !asText(found).includes(String(value)),
  matches: (found, { value }) => typeof found === "string" && new RegExp(String(value)).test(found),
  one_of: (found, { value }) => Array.isArray(value) && value.some((one) => equal(found, one)),
  same_as: (found, { value }, root) => equal(found, at(root, String(value))),
  starts_with: (found, { value }) => typeof found === "string" && found.startsWith(String(value)),
  text_eq: (found, { value }) =>
    (typeof found === "string" || Array.isArray(found)) && joinedText(found) === value,
  json_eq: (found, { value }) => equal(parsedText(found), value),
  no_key_anywhere: (found, { value }) =>
    [...everyObject(found)].every((object) => !Object.hasOwn(object, String(value))),
  count_where: (found, { where, value }) => matching(found, where).length === value,
  where_eq: (found, { where, key, value }) => {
    const rows = matching(found, where);
    return rows.length > 0 && rows.every((row) => equal(row[key ?? ""], value));
  },
  unique: (found, { key }) => {
    const values = items(found).map((item) => asText(item[key ?? ""]));
    return new Set(values).size === values.length;
  },
  set_eq: (found, { key, value }) =>
    equal(
      items(found)
        .map((item) => asText(item[key ?? ""]))
        .toSorted(),
      (value as unknown[]).map(asText).toSorted(),
    ),
  count_type: (found, { value }) => {
    const { type, n } = value as { type: string; n: number };
    return [...everyObject(found)].filter((object) => object["type"] === type).length === n;
  },
  joined_text: (_, { value }, root) => joinedText(at(root, "/blocks")) === value,
  no_empty_deltas: (_, { value }, root) =>
    items(at(root, "/events")).every((event) => {
      const delta = isFields(event["delta"]) ? event["delta"] : {};
      return (
        delta["type"] !== value ||
        (delta["text"] !== "" && delta["thinking"] !== "" && delta["partial_json"] !== "")
      );
    }),
  events: (found, { value }) => equal(found, value),
  schema_omitted: (found) => found === undefined,
  any_of: (_, { value }, root) =>
    (value as Expectation[][]).some((group) =>
      group.every((expectation) => failureOf(expectation, root) === undefined),
    ),
  invariant: (_, { value }, root) => {
    const problems = invariants[String(value)]?.(root);
    if (problems === undefined) throw new Error(`no check for the invariant ${String(value)}`);
    if (problems.length > 0) throw new Error(`not a valid stream: ${problems.join("; ")}`);
    return true;
  },
};

/** What is wrong with `root` by one expectation, or undefined. `prose` is for the caller. */
export const failureOf = (expectation: Expectation, root: unknown): string | undefined => {
  const operator = operators[expectation.op];
  if (operator === undefined) return `the operator ${expectation.op} is not known here`;
  const found = at(root, expectation.ptr);
  try {
    if (operator(found, expectation, root)) return undefined;
  } catch (error) {
    return String(error);
  }
  const wanted = JSON.stringify(expectation.value ?? expectation.key ?? null);
  return `${expectation.ptr ?? "(all)"} ${expectation.op} ${wanted}, found ${(JSON.stringify(found) ?? "nothing").slice(0, 400)}`;
};

/** The summary of an Anthropic stream that the cases' pointers read. */
export const summaryOf = (frames: Frame[]): Fields => {
  const seen = accumulateFrames(frames);
  const events = frames.map((frame) => frame.data);
  const counts: Record<string, number> = {};
  for (const type of [
    "message_start",
    "message_delta",
    "message_stop",
    "content_block_start",
    "content_block_stop",
    "error",
  ])
    counts[type] = seen.types.filter((other) => other === type).length;
  const summary: Fields = {
    frames,
    events,
    types: seen.types,
    last_type: seen.types.at(-1),
    message: seen.message,
    starts: events.filter((event) => event["type"] === "content_block_start"),
    blocks: seen.blocks,
    block_types: seen.blocks.map((block) => block.type),
    stop_reason: seen.stopReason,
    stop_sequence: seen.stopSequence,
    usage: seen.usage,
    counts,
  };
  if (seen.error !== undefined) summary["error"] = seen.error;
  return summary;
};
