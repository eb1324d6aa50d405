/** A provider's answer as a client of OpenAI's or Google's endpoints gets it: through the dialect's decoder and the client's form. */
import type { HttpDialect } from "../../src/router/dialects/dialect.ts";
import type { ClientForm, StreamWriter } from "../../src/router/inbound/client-form.ts";
import { geminiForm } from "../../src/router/inbound/gemini/form.ts";
import { chatForm } from "../../src/router/inbound/openai-chat/form.ts";
import { responsesForm } from "../../src/router/inbound/openai-responses/form.ts";
import type { ClientTool } from "../../src/router/inbound/shared/tools.ts";
import { MessageCollector } from "../../src/router/sinks/message-collector.ts";
import { type ContextOptions, dialectContext } from "./dialect-context.ts";

const noTools = new Map<string, ClientTool>();

export const chatClient = (
  tools: ReadonlyMap<string, ClientTool> = noTools,
  includeUsage = true,
): ClientForm => chatForm({ model: "test-model" }, { tools, includeUsage });

export const responsesClient = (tools: ReadonlyMap<string, ClientTool> = noTools): ClientForm =>
  responsesForm({ model: "test-model" }, { tools });

/** @param array the client wants no events */
export const geminiClient = ({ array = false, showThoughts = true } = {}): ClientForm =>
  geminiForm({}, { showThoughts, array });

const finished = (client: ClientForm, sink: StreamWriter): string => {
  if (!sink.ended) throw new Error("the decoder neither finished nor failed the answer");
  const written = sink.committed ? sink.take() : "";
  // What fails before its first content is told by the endpoint.
  return sink.failure !== undefined && !sink.committed ? client.errorEvent(sink.failure) : written;
};

/** The client's stream for a provider's stream, however that was cut. */
export const streamedTo = (
  client: ClientForm,
  dialect: HttpDialect,
  chunks: readonly Buffer[],
  options: ContextOptions = {},
): string => {
  const sink = client.streamWriter("test-model", (words) => words);
  const decoder = dialect.decodeStream(sink, dialectContext({ dialect: dialect.name, ...options }));
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return finished(client, sink);
};

/** The same for a whole answer where the client asked for a stream. */
export const wholeAsStreamTo = (client: ClientForm, dialect: HttpDialect, body: unknown): string => {
  const sink = client.streamWriter("test-model", (words) => words);
  dialect.decodeMessage(body, sink, dialectContext({ dialect: dialect.name }));
  return finished(client, sink);
};

/** The client's whole answer, parsed; undefined where the provider failed. */
export const wholeTo = (client: ClientForm, dialect: HttpDialect, body: unknown): unknown => {
  const sink = new MessageCollector("test-model");
  dialect.decodeMessage(body, sink, dialectContext({ dialect: dialect.name, stream: false }));
  return sink.failure === undefined ? (JSON.parse(client.message(sink.message())) as unknown) : undefined;
};
