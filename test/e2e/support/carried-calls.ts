/** The tool calls of a conversation with their results, as a provider is sent them in any of the four forms. Written without code of the router. */

type Fields = Record<string, unknown>;

export interface CarriedCall {
  name: unknown;
  input: unknown;
  /** Of the result that names this call; undefined where none does. */
  result: string | undefined;
}

const list = (value: unknown): Fields[] => (Array.isArray(value) ? (value as Fields[]) : []);
const fields = (value: unknown): Fields => (value ?? {}) as Fields;
const json = (text: unknown): unknown => (text === "" ? {} : JSON.parse(String(text)));

interface Piece {
  /** What call and result have in common. Google's may have no ids: there the name stands for it. */
  key: unknown;
  call?: { name: unknown; input: unknown };
  result?: string;
}

/** A message, an item of Responses, or a part or block of either. */
const pieceOf = (part: Fields): Piece[] => {
  // Google takes both ways of writing names.
  const call = part["functionCall"] ?? part["function_call"];
  const response = part["functionResponse"] ?? part["function_response"];
  if (call !== undefined) {
    const { id, name, args } = fields(call);
    return [{ key: id ?? name, call: { name, input: args } }];
  }
  if (response !== undefined) {
    const { id, name, response: said } = fields(response);
    return [{ key: id ?? name, result: JSON.stringify(said) }];
  }
  switch (part["type"] ?? part["role"]) {
    case "tool_use":
      return [{ key: part["id"], call: { name: part["name"], input: part["input"] } }];
    case "tool_result":
      return [{ key: part["tool_use_id"], result: JSON.stringify(part["content"]) }];
    case "function_call":
      return [{ key: part["call_id"], call: { name: part["name"], input: json(part["arguments"]) } }];
    case "function_call_output":
      return [{ key: part["call_id"], result: JSON.stringify(part["output"]) }];
    case "tool":
      return [{ key: part["tool_call_id"], result: JSON.stringify(part["content"]) }];
    default:
      return [
        ...list(part["tool_calls"]).map((one) => {
          const fn = fields(one["function"]);
          return { key: one["id"], call: { name: fn["name"], input: json(fn["arguments"]) } };
        }),
        ...[...list(part["content"]), ...list(part["parts"])].flatMap(pieceOf),
      ];
  }
};

/** In order. */
export const carriedCalls = (body: Fields): CarriedCall[] => {
  const pieces = list(body["messages"] ?? body["input"] ?? body["contents"]).flatMap(pieceOf);
  return pieces.flatMap(({ key, call }) =>
    call === undefined
      ? []
      : [
          {
            ...call,
            result: pieces.find((other) => other.key === key && other.result !== undefined)?.result,
          },
        ],
  );
};
