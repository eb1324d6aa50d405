/** What a request of any of the four forms says, turn by turn, for scripts that answer all of them. */

type Fields = Record<string, unknown>;

export interface Turn {
  role: "user" | "assistant" | "tool" | "system";
  /** Its words: neither reasoning nor calls nor results. */
  text: string;
}

const list = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : []);

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : list(content)
        .map((part) => (typeof part["text"] === "string" && part["thought"] !== true ? part["text"] : ""))
        .join("\n");

const roles: Readonly<Record<string, Turn["role"]>> = {
  user: "user",
  assistant: "assistant",
  model: "assistant",
  tool: "tool",
  system: "system",
  developer: "system",
};

/** Items of Responses that are no message. */
const itemRoles: Readonly<Record<string, Turn["role"]>> = {
  reasoning: "assistant",
  function_call: "assistant",
  web_search_call: "assistant",
  function_call_output: "tool",
};

const turnOf = (item: Fields): Turn => ({
  role: itemRoles[String(item["type"])] ?? roles[String(item["role"])] ?? "user",
  text: item["type"] === "reasoning" ? "" : textOf(item["content"] ?? item["parts"]),
});

/** In order; what one speaker said in several messages or items one after the other is one turn. */
export const turnsOf = (body: Fields): Turn[] => {
  const turns: Turn[] = [];
  for (const item of list(body["messages"] ?? body["input"] ?? body["contents"])) {
    const turn = turnOf(item);
    const before = turns.at(-1);
    if (before?.role === turn.role) before.text += `\n${turn.text}`;
    else turns.push(turn);
  }
  return turns;
};
