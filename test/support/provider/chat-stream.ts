/** Answers in OpenAI Chat form, as a provider would send them. */

export interface ScriptedAnswer {
  reasoning?: string;
  text?: string;
  tools?: { name: string; input: Record<string, unknown>; id?: string }[];
  /** What the provider wants back with its reasoning: a signature, or the reasoning encrypted. The form of Chat has none. */
  opaque?: string;
  /** Part of every id that is not given, so that ids are new in each answer. */
  serial?: number;
  /** The provider's own search, before the text; its form of Chat has none. */
  search?: { query: string; url: string; title: string };
  finish?: string;
  usage?: { prompt: number; completion: number; cached?: number };
  /** HTTP status and body instead of an answer. */
  error?: { status: number; body: string; headers?: Record<string, string> };
  /** Ends the connection after so many bytes of the stream. */
  cutAfter?: number;
  /** Says nothing for so long first, in milliseconds. */
  delay?: number;
  /** Spreads the stream over so many milliseconds. */
  over?: number;
}

/** An id of the answer's own. @param what stands before it, and the place where there are several */
export const idOf = (answer: ScriptedAnswer, ...what: (string | number)[]): string =>
  [...what.slice(0, 1), ...(answer.serial === undefined ? [] : [answer.serial]), ...what.slice(1)].join("_");

/** The id of its `i`-th call. */
export const callId = (answer: ScriptedAnswer, i: number, prefix = "call"): string => {
  const tool = answer.tools![i]!;
  return tool.id ?? idOf(answer, prefix, i, tool.name);
};

const usageOf = (answer: ScriptedAnswer): object => {
  const { prompt, completion, cached } = { prompt: 100, completion: 20, ...answer.usage };
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
  };
};

const finishOf = (answer: ScriptedAnswer): string =>
  answer.finish ?? ((answer.tools ?? []).length > 0 ? "tool_calls" : "stop");

/** Cuts text into pieces of a few characters, as tokens are. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/gu) ?? [];

/** The whole stream as text. Parallel calls are interleaved by index, as several providers do it. */
export const chatStream = (answer: ScriptedAnswer, model: string): string => {
  const events: object[] = [];
  const head = { id: "chatcmpl-scripted", object: "chat.completion.chunk", created: 1, model };
  const delta = (delta: object, finish: string | null = null): void => {
    events.push({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  };
  delta({ role: "assistant", content: "" });
  for (const piece of pieces(answer.reasoning ?? "")) delta({ reasoning_content: piece });
  for (const piece of pieces(answer.text ?? "")) delta({ content: piece });
  const calls = (answer.tools ?? []).map((tool) => pieces(JSON.stringify(tool.input)));
  for (const [index, tool] of (answer.tools ?? []).entries()) {
    const id = callId(answer, index);
    delta({ tool_calls: [{ index, id, type: "function", function: { name: tool.name, arguments: "" } }] });
  }
  for (let i = 0; calls.some((call) => i < call.length); i++) {
    for (const [index, call] of calls.entries()) {
      if (i < call.length) delta({ tool_calls: [{ index, function: { arguments: call[i] } }] });
    }
  }
  delta({}, finishOf(answer));
  events.push({ ...head, choices: [], usage: usageOf(answer) });
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`;
};

/** The whole answer as one JSON body. */
export const chatMessage = (answer: ScriptedAnswer, model: string): string =>
  JSON.stringify({
    id: "chatcmpl-scripted",
    object: "chat.completion",
    created: 1,
    model,
    choices: [
      {
        index: 0,
        finish_reason: finishOf(answer),
        message: {
          role: "assistant",
          content: answer.text ?? null,
          ...(answer.reasoning !== undefined && { reasoning_content: answer.reasoning }),
          ...((answer.tools ?? []).length > 0 && {
            tool_calls: answer.tools!.map((tool, index) => ({
              id: callId(answer, index),
              type: "function",
              function: { name: tool.name, arguments: JSON.stringify(tool.input) },
            })),
          }),
        },
      },
    ],
    usage: usageOf(answer),
  });
