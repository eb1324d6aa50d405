/** Answers in the form of OpenAI Responses, as a provider would send them. */
import { callId, idOf, type ScriptedAnswer } from "./chat-stream.ts";

type Fields = Record<string, unknown>;

const usageOf = (answer: ScriptedAnswer): object => {
  const { prompt, completion, cached } = { prompt: 100, completion: 20, ...answer.usage };
  return {
    input_tokens: prompt,
    output_tokens: completion,
    total_tokens: prompt + completion,
    input_tokens_details: { cached_tokens: cached ?? 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
};

const annotationsOf = ({ search, text = "" }: ScriptedAnswer): object[] =>
  search === undefined
    ? []
    : [
        {
          type: "url_citation",
          start_index: 0,
          end_index: text.length,
          url: search.url,
          title: search.title,
        },
      ];

const itemsOf = (answer: ScriptedAnswer): Fields[] => {
  const items: Fields[] = [];
  if (answer.reasoning !== undefined)
    items.push({
      id: idOf(answer, "rs", "scripted"),
      type: "reasoning",
      summary: [{ type: "summary_text", text: answer.reasoning }],
      encrypted_content: answer.opaque ?? "sealed-by-the-script",
    });
  const { search } = answer;
  if (search !== undefined)
    items.push({
      id: idOf(answer, "ws", "scripted"),
      type: "web_search_call",
      status: "completed",
      action: { type: "search", query: search.query, sources: [{ type: "url", url: search.url }] },
    });
  if (answer.text !== undefined)
    items.push({
      id: idOf(answer, "msg", "scripted"),
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: answer.text, annotations: annotationsOf(answer) }],
    });
  for (const [index, tool] of (answer.tools ?? []).entries())
    items.push({
      id: idOf(answer, "fc", index),
      type: "function_call",
      status: "completed",
      call_id: callId(answer, index),
      name: tool.name,
      arguments: JSON.stringify(tool.input),
    });
  return items;
};

const responseOf = (answer: ScriptedAnswer, model: string): Fields => ({
  id: "resp_scripted",
  object: "response",
  created_at: 1,
  status: answer.finish === "length" ? "incomplete" : "completed",
  incomplete_details: answer.finish === "length" ? { reason: "max_output_tokens" } : null,
  error: null,
  model,
  output: itemsOf(answer),
  usage: usageOf(answer),
});

/** Cuts text into pieces of a few characters, as tokens are. */
const pieces = (text: string): string[] => text.match(/[\s\S]{1,7}/gu) ?? [];

/** The events of one item, from `added` to `done`. */
const eventsOf = (item: Fields, output_index: number): Fields[] => {
  const where = { output_index, item_id: item["id"] };
  const deltas = (type: string, text: unknown, more: Fields = {}): Fields[] =>
    pieces(String(text)).map((delta) => ({ type, ...where, ...more, delta }));
  const added = (begun: Fields): Fields => ({
    type: "response.output_item.added",
    output_index,
    item: { ...item, ...begun },
  });
  const done: Fields = { type: "response.output_item.done", output_index, item };
  if (item["type"] === "function_call")
    return [
      added({ arguments: "", status: "in_progress" }),
      ...deltas("response.function_call_arguments.delta", item["arguments"]),
      { type: "response.function_call_arguments.done", ...where, arguments: item["arguments"] },
      done,
    ];
  if (item["type"] === "web_search_call")
    return [
      added({ status: "in_progress", action: undefined }),
      { type: "response.web_search_call.in_progress", ...where },
      { type: "response.web_search_call.searching", ...where },
      { type: "response.web_search_call.completed", ...where },
      done,
    ];
  const part = ((item["summary"] ?? item["content"]) as Fields[])[0]!;
  if (item["type"] === "reasoning")
    return [
      added({ summary: [], encrypted_content: "" }),
      {
        type: "response.reasoning_summary_part.added",
        ...where,
        summary_index: 0,
        part: { ...part, text: "" },
      },
      ...deltas("response.reasoning_summary_text.delta", part["text"], { summary_index: 0 }),
      { type: "response.reasoning_summary_text.done", ...where, summary_index: 0, text: part["text"] },
      { type: "response.reasoning_summary_part.done", ...where, summary_index: 0, part },
      done,
    ];
  return [
    added({ content: [], status: "in_progress" }),
    {
      type: "response.content_part.added",
      ...where,
      content_index: 0,
      part: { ...part, text: "", annotations: [] },
    },
    ...deltas("response.output_text.delta", part["text"], { content_index: 0 }),
    ...(part["annotations"] as Fields[]).map((annotation, annotation_index) => ({
      type: "response.output_text.annotation.added",
      ...where,
      content_index: 0,
      annotation_index,
      annotation,
    })),
    { type: "response.output_text.done", ...where, content_index: 0, text: part["text"] },
    { type: "response.content_part.done", ...where, content_index: 0, part },
    done,
  ];
};

/** The whole stream as text. */
export const responsesStream = (answer: ScriptedAnswer, model: string): string => {
  const response = responseOf(answer, model);
  const begun = { ...response, status: "in_progress", incomplete_details: null, output: [], usage: null };
  const end = response["status"] === "incomplete" ? "response.incomplete" : "response.completed";
  const events: Fields[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...itemsOf(answer).flatMap(eventsOf),
    { type: end, response },
  ];
  return events
    .map(
      (event, sequence_number) =>
        `event: ${String(event["type"])}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
    )
    .join("");
};

/** The whole answer as one JSON body. */
export const responsesMessage = (answer: ScriptedAnswer, model: string): string =>
  JSON.stringify(responseOf(answer, model));
