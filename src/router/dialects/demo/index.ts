/** The dialect that answers by itself, so that everything works before a key is there: it says how it was routed. */
import type { Message, MessagesRequest } from "../../../protocol/anthropic.ts";
import type { LocalDialect } from "../dialect.ts";

export const demo: LocalDialect = {
  kind: "local",
  name: "demo",
  answer(request, sink, context) {
    const said = lastUserText(request);
    const text =
      `Switchyard's demo provider answers: the rule \`${context.routedBy}\` sent a request for \`${request.model}\` here.` +
      ` You said: ${said === "" ? "(nothing in words)" : quote(said)}\n\n` +
      "No key of a provider is set, so no model was asked. Set one (for example GEMINI_API_KEY or OPENROUTER_API_KEY) and start again.";
    sink.start({ model: request.model });
    for (const piece of text.match(/\S+\s*/g) ?? []) sink.text(piece);
    sink.finish({
      stopReason: "end_turn",
      // A demonstration has no tokenizer: four characters a token, so that the client's own counters move.
      usage: { input_tokens: Math.ceil(said.length / 4), output_tokens: Math.ceil(text.length / 4) },
    });
  },
};

const quote = (text: string): string => `"${text.length > 200 ? `${text.slice(0, 200)}…` : text}"`;

/** The last text of the last user message: what the client adds around it (reminders) comes before it. */
const lastUserText = (request: MessagesRequest): string => {
  const last: Message | undefined = request.messages.findLast((message) => message.role === "user");
  if (last === undefined) return "";
  if (typeof last.content === "string") return last.content.trim();
  const text = last.content.findLast(
    (block) => block.type === "text" && !block.text.startsWith("<system-reminder>"),
  );
  return text?.type === "text" ? text.text.trim() : "";
};
