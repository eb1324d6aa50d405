/**
 * What a valid Anthropic stream is, written down a second time and on purpose without any code of the router: this judges the router's
 * own streams, and the recorded ones of Anthropic.
 */

export interface Frame {
  event: string;
  data: Record<string, unknown>;
}

/** Frames of an SSE text that was written by us: LF line ends, one `event:` and one `data:` line each. Throws for anything else. */
export const framesOf = (sse: string): Frame[] => {
  if (sse !== "" && !sse.endsWith("\n\n")) throw new Error("the stream does not end with a blank line");
  return sse
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const lines = frame.split("\n");
      if (lines.length !== 2 || !lines[0]!.startsWith("event: ") || !lines[1]!.startsWith("data: "))
        throw new Error(`not a frame of two lines: ${frame.slice(0, 200)}`);
      return { event: lines[0]!.slice(7), data: JSON.parse(lines[1]!.slice(6)) as Record<string, unknown> };
    });
};

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

/** Delta types that fit a block type. Types that are not listed take any. */
const fitting: Record<string, readonly string[]> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  tool_use: ["input_json_delta"],
  server_tool_use: ["input_json_delta"],
};

interface OpenBlock {
  index: unknown;
  type: string;
  json: string;
  signed: boolean;
}

class Judge {
  readonly problems: string[] = [];
  #started = false;
  #next = 0;
  #open: OpenBlock | undefined;
  #deltas = 0;
  #ended: "message_stop" | "error" | undefined;

  take({ event, data }: Frame): void {
    if (event !== data["type"]) this.#say(`event ${event} carries type ${String(data["type"])}`);
    if (this.#ended !== undefined) this.#say(`${event} after ${this.#ended}`);
    if (event === "ping") return;
    if (event !== "message_start" && event !== "error" && !this.#started)
      this.#say(`${event} before message_start`);
    switch (event) {
      case "message_start":
        return this.#messageStart(fields(data["message"]));
      case "content_block_start":
        return this.#blockStart(data["index"], fields(data["content_block"]));
      case "content_block_delta":
        return this.#blockDelta(data["index"], fields(data["delta"]));
      case "content_block_stop":
        return this.#blockStop(data["index"]);
      case "message_delta":
        return this.#messageDelta(data);
      case "message_stop":
        if (this.#deltas !== 1) this.#say(`message_stop after ${this.#deltas} message_delta`);
        this.#ended = "message_stop";
        return undefined;
      case "error":
        if (
          typeof fields(data["error"])["type"] !== "string" ||
          typeof fields(data["error"])["message"] !== "string"
        )
          this.#say("error without type and message");
        this.#ended = "error";
        return undefined;
      default:
        return this.#say(`unknown event ${event}`);
    }
  }

  end(): void {
    if (this.#ended === undefined) this.#say("the stream ends without message_stop or error");
  }

  #say(problem: string): void {
    this.problems.push(problem);
  }

  #messageStart(message: Fields): void {
    if (this.#started) this.#say("a second message_start");
    this.#started = true;
    if (typeof message["id"] !== "string" || message["id"] === "") this.#say("message without id");
    if (message["type"] !== "message" || message["role"] !== "assistant")
      this.#say("message of a wrong type or role");
    if (typeof message["model"] !== "string") this.#say("message without model");
    if (!Array.isArray(message["content"]) || message["content"].length > 0)
      this.#say("message starts with content");
    if (message["stop_reason"] !== null || message["stop_sequence"] !== null)
      this.#say("message starts with a stop reason");
    const usage = fields(message["usage"]);
    if (typeof usage["input_tokens"] !== "number" || typeof usage["output_tokens"] !== "number")
      this.#say("message starts without usage");
  }

  #blockStart(index: unknown, block: Fields): void {
    const type = String(block["type"]);
    if (this.#open !== undefined)
      this.#say(`block ${String(index)} starts while ${String(this.#open.index)} is open`);
    if (index !== this.#next) this.#say(`block ${String(index)} where ${this.#next} comes next`);
    if (this.#deltas > 0) this.#say("a block after message_delta");
    this.#next++;
    if (type === "text" && block["text"] !== "") this.#say("a text block does not start empty");
    if (type === "thinking" && block["thinking"] !== "") this.#say("a thinking block does not start empty");
    if (type === "tool_use") {
      if (JSON.stringify(block["input"]) !== "{}") this.#say("a tool call does not start with input {}");
      if (typeof block["id"] !== "string" || block["id"] === "") this.#say("a tool call without id");
      if (typeof block["name"] !== "string" || block["name"] === "") this.#say("a tool call without name");
    }
    this.#open = { index, type, json: "", signed: false };
  }

  #blockDelta(index: unknown, delta: Fields): void {
    const open = this.#open;
    if (open === undefined || open.index !== index)
      return this.#say(`a delta for block ${String(index)}, which is not open`);
    const type = String(delta["type"]);
    if (fitting[open.type]?.includes(type) === false) this.#say(`${type} in a block of type ${open.type}`);
    if (open.signed) this.#say(`${type} after the signature`);
    if (type === "signature_delta") open.signed = true;
    if (type === "input_json_delta") open.json += String(delta["partial_json"]);
    return undefined;
  }

  #blockStop(index: unknown): void {
    const open = this.#open;
    if (open === undefined || open.index !== index)
      return this.#say(`block ${String(index)} stops, which is not open`);
    this.#open = undefined;
    if (open.json === "") return undefined;
    try {
      const value = JSON.parse(open.json) as unknown;
      if (typeof value !== "object" || value === null || Array.isArray(value))
        this.#say(`arguments are no object: ${open.json}`);
    } catch {
      this.#say(`arguments are no JSON: ${open.json.slice(0, 200)}`);
    }
    return undefined;
  }

  #messageDelta(data: Fields): void {
    if (this.#open !== undefined) this.#say("message_delta while a block is open");
    this.#deltas++;
    if (this.#deltas > 1) this.#say("a second message_delta");
    if (typeof fields(data["delta"])["stop_reason"] !== "string")
      this.#say("message_delta without a stop reason");
    if (typeof fields(data["usage"])["output_tokens"] !== "number")
      this.#say("message_delta without output_tokens");
  }
}

/** Everything that is wrong with a stream: empty for a valid one. */
export const problemsOf = (frames: readonly Frame[]): string[] => {
  const judge = new Judge();
  for (const frame of frames) judge.take(frame);
  judge.end();
  return judge.problems;
};
