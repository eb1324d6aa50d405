/** `contents` as turns of the hub. Thoughts stand before what they led to, and every call has an id. */
import type { ContentBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { hubToolId, type Conversation } from "../shared/conversation.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { carriedThoughts } from "./carry.ts";
import { field, listOf } from "./fields.ts";
import { plainBlocks, responseOf } from "./parts.ts";

/** A call that was not answered yet. */
interface Waiting {
  readonly id: string;
  readonly name: string;
}

/** Gemini CLI 0.61.0 puts the function's name before each id. */
const idOf = (call: JsonObject): string => {
  const { id, name } = call;
  if (typeof id !== "string") return "";
  const prefix = `${String(name)}__`;
  return id.startsWith(prefix) && id.length > prefix.length ? id.slice(prefix.length) : id;
};

const isThinking = (block: ContentBlock | undefined): boolean =>
  block?.type === "thinking" || block?.type === "redacted_thinking";

export class Contents {
  readonly #conversation: Conversation;
  readonly #beyond: Beyond;
  /** Of the model's turn that is under way: SDKs keep a content for each piece of a stream. */
  #turn: ContentBlock[] = [];
  /** Words of thoughts whose signature may follow. */
  #thought = "";
  #calls = 0;
  #waiting: Waiting[] = [];

  constructor(conversation: Conversation, beyond: Beyond) {
    this.#conversation = conversation;
    this.#beyond = beyond;
  }

  /** @param at where it stands, for what is said of it @throws SwitchyardError request.malformed */
  add(content: unknown, at: string): void {
    if (!isJsonObject(content)) return refuse(`${at}: a content with role and parts was expected`);
    const { role } = content;
    const parts = listOf(content["parts"]);
    switch (role) {
      case "model":
        return parts.forEach((part, i) => this.#model(part, `${at}.parts.${i}`));
      case "user":
      case "function":
      case undefined:
        this.#endTurn();
        return parts.forEach((part, i) => this.#user(part, `${at}.parts.${i}`));
      case "system":
        this.#endTurn();
        return this.#conversation.system(
          parts.flatMap((part, i) =>
            isJsonObject(part)
              ? plainBlocks(part, `${at}.parts.${i}`, this.#beyond).filter((block) => block.type === "text")
              : [],
          ),
        );
      default:
        return refuse(`${at}.role: user or model was expected, found ${JSON.stringify(role)}`);
    }
  }

  end(): void {
    this.#endTurn();
  }

  #model(part: unknown, at: string): void {
    if (!isJsonObject(part)) return refuse(`${at}: a part was expected`);
    const signature = field(part, "thoughtSignature");
    const carried = carriedThoughts(signature);
    // What is carried is the whole of what may stand before it in words.
    if (carried !== undefined) {
      this.#thought = "";
      this.#turn.push(...carried);
    }
    if (part["thought"] === true) {
      if (typeof part["text"] === "string" && carried === undefined) this.#thought += part["text"];
      return undefined;
    }
    const call = field(part, "functionCall");
    const blocks = isJsonObject(call) ? [this.#call(call, at)] : plainBlocks(part, at, this.#beyond);
    if (blocks.length === 0) return undefined;
    // Words alone, which some providers take back.
    if (this.#thought !== "") this.#turn.push({ type: "thinking", thinking: this.#thought });
    this.#thought = "";
    const last = this.#turn.at(-1);
    const [first] = blocks;
    if (last?.type === "text" && first?.type === "text" && carried === undefined) last.text += first.text;
    else this.#turn.push(...blocks);
    return undefined;
  }

  #call(call: JsonObject, at: string): ContentBlock {
    const { name, args } = call;
    if (typeof name !== "string" || name === "") return refuse(`${at}.functionCall.name: a name is missing`);
    this.#calls++;
    const given = idOf(call);
    // The same in every turn: it follows from what stands before alone.
    const id = given === "" ? `call_${this.#calls}` : hubToolId(given);
    this.#waiting.push({ id, name });
    return { type: "tool_use", id, name, input: isJsonObject(args) ? args : {} };
  }

  #user(part: unknown, at: string): void {
    if (!isJsonObject(part)) return refuse(`${at}: a part was expected`);
    const response = field(part, "functionResponse");
    if (!isJsonObject(response)) {
      this.#conversation.user(plainBlocks(part, at, this.#beyond));
      return undefined;
    }
    const { name, content, isError } = responseOf(response, `${at}.functionResponse`, this.#beyond);
    this.#conversation.result(this.#answered(idOf(response), name), content, isError);
    return undefined;
  }

  /** Whose response it is: by its id, else the first call of that name, for clients make ids of their own where the provider gave none. */
  #answered(given: string, name: string): string {
    const id = given === "" ? "" : hubToolId(given);
    const byId = this.#waiting.findIndex((call) => call.id === id);
    const at = byId === -1 ? this.#waiting.findIndex((call) => call.name === name) : byId;
    if (at === -1) return id === "" ? name : id;
    return this.#waiting.splice(at, 1)[0]!.id;
  }

  /** Thoughts that nothing followed led to nothing; at the end of a turn providers refuse them. */
  #endTurn(): void {
    this.#thought = "";
    const turn = this.#turn;
    this.#turn = [];
    while (isThinking(turn.at(-1))) turn.pop();
    if (turn.length === 0) return;
    this.#conversation.assistant(turn);
  }
}
