/**
 * Request bodies with the shape of Claude Code's: system blocks, tools with JSON schemas, a session of tool calls and
 * results. Made by a fixed generator, so that two runs send the same bytes.
 *
 * Each request carries a number that no request before it had (`counterMark`), as each turn of a session brings something
 * new: a router that remembers what it has counted is measured with what it would really meet.
 */

import type { AnswerName } from "./answers.ts";

/** Twelve digits, exchanged by the load generator before each request. */
export const counterMark = "000000000000";
const counterText = `request ${counterMark}`;

/** What the provider looks for, the name of an answer behind it: a router that loses the last message gets an error. */
export const lastMessageMark = "bench-last-message";

export const bodyNames = ["2KB", "20KB", "50KB", "200KB", "200KB-new", "2MB"] as const;
export type BodyName = (typeof bodyNames)[number];

const words =
  `the file reads a list of entries and returns one record for each line that was not empty before the parser checks
  const value = await read(path); if (!value) return null; export function merge(left, right) { return { ...left, ...right }; }
  "name": "example", "version": "1.2.3", src/index.ts test/unit/parser.test.ts <div class="row"> # heading - item 42 0x1f`.split(
    /\s+/,
  );

/** Small, fast and the same everywhere (Numerical Recipes' constants). */
const generator = (seed: number): ((below: number) => number) => {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const prose = (random: (below: number) => number, bytes: number): string => {
  let text = "";
  while (text.length < bytes) {
    text += words[random(words.length)]!;
    text += random(9) === 0 ? "\n    " : " ";
  }
  return text.slice(0, bytes);
};

interface Shape {
  /** Bytes of text in the large system block. */
  system: number;
  tools: number;
  /** Bytes of each tool's description. */
  toolText: number;
  /** Pairs of a tool call and its result before the last message. */
  pairs: number;
  /** Bytes of each tool result. */
  result: number;
  /** Bytes of the last message. */
  last: number;
  /** Every block is new, as in the first request of a resumed session. */
  allNew: boolean;
}

const long = {
  system: 12_000,
  tools: 24,
  toolText: 1900,
  pairs: 40,
  result: 2400,
  last: 1500,
  allNew: false,
};
const shapes: Readonly<Record<BodyName, Shape>> = {
  "2KB": { system: 300, tools: 1, toolText: 150, pairs: 0, result: 0, last: 200, allNew: false },
  "20KB": { system: 4000, tools: 6, toolText: 700, pairs: 3, result: 1200, last: 500, allNew: false },
  "50KB": { system: 8000, tools: 12, toolText: 1200, pairs: 8, result: 1600, last: 500, allNew: false },
  "200KB": long,
  "200KB-new": { ...long, allNew: true },
  // A day's work: many tools of servers besides the client's own, hundreds of calls, each with a file's text.
  "2MB": { ...long, tools: 120, pairs: 400, result: 3800 },
};

const toolNames = ["Bash", "Read", "Edit", "Write", "Grep", "Glob", "Task", "WebFetch"];

const tool = (random: (below: number) => number, index: number, bytes: number): unknown => ({
  name: index < toolNames.length ? toolNames[index] : `mcp__server__tool_${index}`,
  description: prose(random, bytes),
  input_schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      command: { type: "string", description: prose(random, 60) },
      timeout: { type: "number", description: prose(random, 50) },
      mode: { type: "string", enum: ["fast", "careful"], description: prose(random, 40) },
    },
    required: ["command"],
    additionalProperties: false,
  },
});

/** A tool's call and its result, as two messages. @param fresh stands before each text */
const pair = (random: (below: number) => number, i: number, fresh: string, result: number): unknown[] => {
  const id = `toolu_bench${String(i).padStart(6, "0")}`;
  const name = toolNames[i % toolNames.length];
  const said = fresh + prose(random, 150);
  const input = { command: prose(random, 120), timeout: 1000 };
  return [
    {
      role: "assistant",
      content: [
        { type: "text", text: said },
        { type: "tool_use", id, name, input },
      ],
    },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: id, content: fresh + prose(random, result) }],
    },
  ];
};

const cached = { cache_control: { type: "ephemeral" } };

/** @returns the JSON text of one request, which asks for that answer; `counterMark` stands in it once, or in every block (`200KB-new`) */
export const requestBody = (
  name: BodyName,
  stream: boolean,
  model: string,
  answer: AnswerName = "short",
): string => {
  const shape = shapes[name];
  const random = generator(7);
  const fresh = shape.allNew ? `${counterText} ` : "";
  const messages: unknown[] = [
    {
      role: "user",
      content: [
        { type: "text", text: `<system-reminder>\n${prose(random, 120)}\n</system-reminder>` },
        { type: "text", text: fresh + prose(random, 80) },
      ],
    },
  ];
  for (let i = 0; i < shape.pairs; i++) messages.push(...pair(random, i, fresh, shape.result));
  const last = `${lastMessageMark} ${answer} ${counterText} ${prose(random, shape.last)}`;
  // After a tool result the client asks in a message of its own, or the first message goes on.
  if (shape.pairs === 0) (messages[0] as { content: unknown[] }).content.push({ type: "text", text: last });
  else
    messages.push(
      { role: "assistant", content: [{ type: "text", text: prose(random, 80) }] },
      { role: "user", content: [{ type: "text", text: last, ...cached }] },
    );
  return bodyText({ shape, random, fresh, messages, model, stream });
};

/**
 * The turns of one session: each has all messages of the one before, a call and its result more, and asks anew. Turn 100 has some 200,000 tokens.
 * @param number of the session, which no message of another has
 */
export const sessionBodies = (number: number, turns: number, model: string): string[] => {
  const shape = { ...long, result: 7000 };
  const random = generator(number);
  const fresh = `session ${number} `;
  const before: unknown[] = [];
  return Array.from({ length: turns }, (_, turn) => {
    before.push(...pair(random, turn, fresh, shape.result));
    const last = `${lastMessageMark} short ${counterText} ${fresh}`;
    const messages = [
      { role: "user", content: `${fresh}${prose(generator(number), 80)}` },
      ...before,
      { role: "assistant", content: [{ type: "text", text: "Done." }] },
      { role: "user", content: [{ type: "text", text: last, ...cached }] },
    ];
    return bodyText({ shape, random: generator(11), fresh: "", messages, model, stream: true });
  });
};

interface BodyParts {
  readonly shape: Shape;
  readonly random: (below: number) => number;
  readonly fresh: string;
  readonly messages: readonly unknown[];
  readonly model: string;
  readonly stream: boolean;
}

const bodyText = ({ shape, random, fresh, messages, model, stream }: BodyParts): string =>
  JSON.stringify({
    model,
    messages,
    system: [
      { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.329; cc_entrypoint=sdk-cli;" },
      { type: "text", text: "You are an agent that edits files.", ...cached },
      { type: "text", text: fresh + prose(random, shape.system), ...cached },
    ],
    tools: Array.from({ length: shape.tools }, (_, i) => tool(random, i, shape.toolText)),
    metadata: { user_id: JSON.stringify({ device_id: "d".repeat(64), session_id: "bench" }) },
    max_tokens: 32_000,
    thinking: { type: "adaptive" },
    output_config: { effort: "medium" },
    stream,
  });
