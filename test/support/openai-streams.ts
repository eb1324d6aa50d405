/** What valid streams of OpenAI's two forms are, and what their clients make of them: written without code of the router. */

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Events of a text that was written by us: LF line ends; comments stand alone. */
const dataOf = (sse: string): { event: string; data: string }[] => {
  if (sse !== "" && !sse.endsWith("\n\n")) throw new Error("the stream does not end with a blank line");
  return sse
    .split("\n\n")
    .filter((frame) => frame !== "" && !frame.startsWith(":"))
    .map((frame) => {
      const lines = frame.split("\n");
      const data = lines.at(-1)!;
      if (lines.length > 2 || !data.startsWith("data: "))
        throw new Error(`not a frame: ${frame.slice(0, 200)}`);
      return { event: lines.length === 2 ? lines[0]!.slice("event: ".length) : "", data: data.slice(6) };
    });
};

export interface ChatSummary {
  content: string;
  reasoning_content: string;
  reasoning_details: unknown[];
  annotations: unknown[];
  tool_calls: { index: number; id: string; name: string; arguments: string; type: string }[];
  finish_reason: unknown;
  usage: unknown;
  done: boolean;
  error?: Fields;
  model: unknown;
  /** What breaks the rules of the form. */
  problems: string[];
}

const isObjectJson = (json: string): boolean => {
  try {
    const value = JSON.parse(json) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** One id, the role first, calls numbered from 0, one finish, usage in a chunk without choices only where it was asked for, `[DONE]` last. */
export const chatSummary = (sse: string, options: { includeUsage: boolean }): ChatSummary => {
  const out: ChatSummary = {
    content: "",
    reasoning_content: "",
    reasoning_details: [],
    annotations: [],
    tool_calls: [],
    finish_reason: undefined,
    usage: undefined,
    done: false,
    model: undefined,
    problems: [],
  };
  const say = (problem: string): void => void out.problems.push(problem);
  const ids = new Set<unknown>();
  let first = true;
  for (const { event, data } of dataOf(sse)) {
    if (event !== "") say(`an event with a name: ${event}`);
    if (out.done) say("something after [DONE]");
    if (out.error !== undefined) say("something after the error");
    if (data === "[DONE]") {
      out.done = true;
      continue;
    }
    const chunk = JSON.parse(data) as Fields;
    if (chunk["error"] !== undefined) {
      out.error = fields(chunk["error"]);
      continue;
    }
    ids.add(chunk["id"]);
    out.model ??= chunk["model"];
    if (chunk["object"] !== "chat.completion.chunk") say("a chunk of another object");
    const choices = list(chunk["choices"]).map(fields);
    if (choices.length === 0) {
      if (!options.includeUsage) say("usage that nobody asked for");
      if (out.finish_reason === undefined) say("usage before the finish");
      out.usage = chunk["usage"];
      continue;
    }
    const [choice = {}] = choices;
    const delta = fields(choice["delta"]);
    if (first !== (delta["role"] === "assistant")) say("the role is not first, or comes twice");
    first = false;
    if (out.finish_reason !== undefined) say("content after the finish");
    out.content += text(delta["content"]);
    out.reasoning_content += text(delta["reasoning_content"]);
    out.reasoning_details.push(...list(delta["reasoning_details"]));
    out.annotations.push(...list(delta["annotations"]));
    for (const call of list(delta["tool_calls"]).map(fields)) addCall(out, call, say);
    if (typeof choice["finish_reason"] === "string") out.finish_reason = choice["finish_reason"];
  }
  if (ids.size > 1) say("more than one id");
  for (const call of out.tool_calls)
    if (
      call.type === "function" &&
      out.error === undefined &&
      out.finish_reason !== "length" &&
      !isObjectJson(call.arguments)
    )
      say(`arguments are no object: ${call.arguments}`);
  if (out.error === undefined && !out.done) say("no [DONE]");
  if (out.error === undefined && out.finish_reason === undefined) say("no finish reason");
  if (out.error === undefined && options.includeUsage && out.usage === undefined) say("no usage");
  return out;
};

const addCall = (out: ChatSummary, call: Fields, say: (problem: string) => void): void => {
  const index = Number(call["index"]);
  const callee = fields(call["function"] ?? call["custom"]);
  const known = out.tool_calls[index];
  if (known !== undefined) {
    if (index !== out.tool_calls.length - 1) say("a piece of an earlier call");
    known.arguments += text(callee["arguments"]);
    return;
  }
  if (index !== out.tool_calls.length) say(`call ${index} where ${out.tool_calls.length} comes next`);
  if (text(call["id"]) === "" || text(callee["name"]) === "") say("a call without id or name");
  out.tool_calls.push({
    index,
    id: text(call["id"]),
    name: text(callee["name"]),
    arguments: text(callee["arguments"]) + text(callee["input"]),
    type: text(call["type"]),
  });
};

export interface ResponsesSummary {
  types: string[];
  output: Fields[];
  output_types: unknown[];
  text: string;
  reasoning: string;
  status: unknown;
  incomplete_details: unknown;
  usage: Fields;
  error: Fields | undefined;
  problems: string[];
}

class ResponsesJudge {
  readonly problems: string[] = [];
  readonly items: Fields[] = [];
  #open: { index: number; id: unknown; pieces: string } | undefined;
  text = "";
  reasoning = "";
  terminal: Fields | undefined;

  say(problem: string): void {
    this.problems.push(problem);
  }

  take(data: Fields, number: number): void {
    const type = text(data["type"]);
    if (data["sequence_number"] !== number)
      this.say(`sequence number ${String(data["sequence_number"])} at ${number}`);
    if (this.terminal !== undefined) this.say(`${type} after the end`);
    if (number === 0 && type !== "response.created" && type !== "response.failed")
      this.say(`${type} is first`);
    if (number === 1 && type !== "response.in_progress") this.say(`${type} is second`);
    if (/^response\.(completed|incomplete|failed)$/.test(type)) {
      if (this.#open !== undefined && type !== "response.failed") this.say("an item is open at the end");
      this.terminal = fields(data["response"]);
    } else if (type === "response.output_item.added") this.#added(data);
    else if (type === "response.output_item.done") this.#done(data);
    else if (data["output_index"] !== undefined) this.#inside(type, data);
  }

  #added(data: Fields): void {
    if (this.#open !== undefined) this.say("an item begins while another is open");
    if (data["output_index"] !== this.items.length)
      this.say(`item ${String(data["output_index"])}, not ${this.items.length}`);
    this.#open = { index: this.items.length, id: fields(data["item"])["id"], pieces: "" };
  }

  #inside(type: string, data: Fields): void {
    const open = this.#open;
    if (open === undefined || data["output_index"] !== open.index || data["item_id"] !== open.id)
      return this.say(`${type} outside of its item`);
    if (!type.endsWith(".delta")) return undefined;
    open.pieces += text(data["delta"]);
    if (type === "response.output_text.delta") this.text += text(data["delta"]);
    if (type === "response.reasoning_summary_text.delta") this.reasoning += text(data["delta"]);
    return undefined;
  }

  #done(data: Fields): void {
    const item = fields(data["item"]);
    const open = this.#open;
    if (open === undefined || open.id !== item["id"]) this.say("an item ends that is not open");
    const whole =
      text(item["arguments"]) +
      text(item["input"]) +
      [...list(item["content"]), ...list(item["summary"])].map((part) => text(fields(part)["text"])).join("");
    if (open !== undefined && open.pieces !== whole)
      this.say(`deltas are ${open.pieces}, the item says ${whole}`);
    this.items.push(item);
    this.#open = undefined;
  }
}

/** created and in_progress first; rising numbers; items in order, each added before its deltas and done before the next; one end, which holds all. */
export const responsesSummary = (sse: string): ResponsesSummary => {
  const judge = new ResponsesJudge();
  const frames = dataOf(sse);
  for (const [i, { event, data }] of frames.entries()) {
    const parsed = JSON.parse(data) as Fields;
    if (event !== parsed["type"]) judge.say(`event ${event} carries ${String(parsed["type"])}`);
    judge.take(parsed, i);
  }
  const { terminal, problems } = judge;
  if (terminal === undefined) problems.push("the stream has no end");
  const output = list(terminal?.["output"]).map(fields);
  if (JSON.stringify(output) !== JSON.stringify(judge.items))
    problems.push("the end holds other items than were told");
  return {
    types: frames.map((frame) => frame.event),
    output,
    output_types: output.map((item) => item["type"]),
    text: judge.text,
    reasoning: judge.reasoning,
    status: terminal?.["status"],
    incomplete_details: terminal?.["incomplete_details"],
    usage: fields(terminal?.["usage"]),
    error: terminal?.["error"] === null ? undefined : fields(terminal?.["error"]),
    problems,
  };
};
