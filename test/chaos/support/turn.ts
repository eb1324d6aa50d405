/** One turn of a client: asked in one of the four forms, streamed or whole, and judged by rules that hold no code of the router. */
import { inspect } from "node:util";
import { geminiSeen } from "../../support/gemini-answers.ts";
import { chatSummary, responsesSummary } from "../../support/openai-streams.ts";
import { framesOf, problemsOf } from "../../support/validate-anthropic-stream.ts";
import { answerOf, callsIn, orderText, type Order } from "./words.ts";

export const clientForms = ["messages", "chat", "responses", "gemini"] as const;
export type ClientFormName = (typeof clientForms)[number];

export interface Ask {
  form: ClientFormName;
  stream: boolean;
  model: string;
  order: Order;
}

export interface Verdict {
  ask: Ask;
  /** `done`: a whole answer; `failed`: an error, and nothing of an answer; `cut`: a part of one, then a well-formed error. */
  end: "done" | "failed" | "cut" | "hung" | "invalid";
  status: number;
  requestId: string;
  text: string;
  /** When it was asked, by `performance.now()`. */
  began: number;
  /** Milliseconds to the end. */
  ms: number;
  /** Milliseconds to the first byte of the answer's body. */
  first: number;
  problems: string[];
  /** The body, where something is wrong with it. */
  body?: string;
}

const schema = { type: "object", properties: { text: { type: "string" }, at: { type: "number" } } };
const about = { name: "note", description: "Notes a thing" };

/** Where each form is asked. */
export const paths: Readonly<Record<ClientFormName, (ask: Pick<Ask, "model" | "stream">) => string>> = {
  messages: () => "/v1/messages?beta=true",
  chat: () => "/v1/chat/completions",
  responses: () => "/v1/responses",
  gemini: ({ model, stream }) =>
    `/v1beta/models/${encodeURIComponent(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
};

export const bodyOf = ({ form, stream, model, order }: Ask): object => {
  const content = orderText(order);
  const notes = { ...about, parameters: schema };
  switch (form) {
    case "messages":
      return {
        model,
        max_tokens: 500,
        stream,
        messages: [{ role: "user", content }],
        tools: [{ ...about, input_schema: schema }],
      };
    case "chat": {
      const tools = [{ type: "function", function: notes }];
      return { model, stream, messages: [{ role: "user", content }], tools };
    }
    case "gemini":
      return {
        contents: [{ role: "user", parts: [{ text: content }] }],
        tools: [{ functionDeclarations: [{ ...about, parametersJsonSchema: schema }] }],
      };
    default:
      return { model, stream, input: content, tools: [{ type: "function", ...notes }] };
  }
};

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const words = (value: unknown): string => (typeof value === "string" ? value : "");

interface Read {
  text: string;
  /** Arguments of its calls, in order. */
  calls: string[];
  error: boolean;
  problems: string[];
}

/** An `error` event ends a stream as `response.failed` does; items of an answer that failed are not told again. */
const readResponses = (body: string): Read => {
  const own = /(?:^|\n\n)event: error\ndata: [^\n]+\n\n$/.exec(body);
  const said = responsesSummary(own === null ? body : body.slice(0, own.index === 0 ? 0 : own.index + 2));
  const error = own !== null || said.status === "failed";
  const due = new Set(error ? ["the stream has no end", "the end holds other items than were told"] : []);
  const problems = said.problems.filter((problem) => !due.has(problem));
  const calls = list(said.output).filter((item) => item["type"] === "function_call");
  return { text: said.text, calls: calls.map((call) => words(call["arguments"])), error, problems };
};

/** Streams and whole answers alike. */
const readGemini = (body: string): Read => {
  const { text, calls, error, ...seen } = geminiSeen(body);
  // Bytes of a Google provider pass as they are, and it may send an error behind its end.
  const problems = seen.problems.filter(
    (problem) => error === undefined || problem !== "something after the end",
  );
  return { text, calls: calls.map(({ args }) => JSON.stringify(args)), error: error !== undefined, problems };
};

const readStream = (form: ClientFormName, body: string): Read => {
  if (form === "gemini") return readGemini(body);
  if (form === "chat") {
    const said = chatSummary(body, { includeUsage: false });
    // Bytes of an OpenAI provider pass as they are, and it may send the pieces of two calls by turns.
    const problems = said.problems.filter((problem) => problem !== "a piece of an earlier call");
    return {
      text: said.content,
      calls: said.tool_calls.map((call) => call.arguments),
      error: said.error !== undefined,
      problems,
    };
  }
  if (form === "responses") return readResponses(body);
  const frames = framesOf(body);
  const deltas = frames.map(({ data }) => fields(data["delta"]));
  const calls: string[] = [];
  for (const { data } of frames) {
    if (fields(data["content_block"])["type"] === "tool_use") calls.push("");
    const json = fields(data["delta"])["partial_json"];
    if (typeof json === "string" && calls.length > 0) calls[calls.length - 1] += json;
  }
  return {
    text: deltas.map((delta) => words(delta["text"])).join(""),
    calls,
    error: frames.at(-1)?.event === "error",
    problems: problemsOf(frames),
  };
};

const readWhole = (form: ClientFormName, body: Fields): Read => {
  const read = (text: string, calls: unknown[], sound: boolean): Read => ({
    text,
    calls: calls.map((call) => (typeof call === "string" ? call : JSON.stringify(call))),
    error: false,
    problems: sound ? [] : ["not an answer of this form"],
  });
  if (form === "messages") {
    const content = list(body["content"]);
    const calls = content.filter((block) => block["type"] === "tool_use").map((block) => block["input"]);
    return read(
      content.map((block) => words(block["text"])).join(""),
      calls,
      body["type"] === "message" && typeof body["stop_reason"] === "string",
    );
  }
  if (form === "chat") {
    const [choice = {}] = list(body["choices"]);
    const message = fields(choice["message"]);
    const calls = list(message["tool_calls"]).map((call) => fields(call["function"])["arguments"]);
    return read(words(message["content"]), calls, typeof choice["finish_reason"] === "string");
  }
  if (form === "gemini") return readGemini(JSON.stringify(body));
  const output = list(body["output"]);
  const text = output
    .flatMap((item) => (item["type"] === "message" ? list(item["content"]) : []))
    .map((part) => words(part["text"]));
  const calls = output.filter((item) => item["type"] === "function_call").map((item) => item["arguments"]);
  return read(text.join(""), calls, body["status"] === "completed");
};

const isError = (form: ClientFormName, body: Fields): boolean => {
  const error = fields(body["error"]);
  return (
    words(error["message"]) !== "" &&
    words(error[form === "gemini" ? "status" : "type"]) !== "" &&
    (form !== "messages" || body["type"] === "error")
  );
};

/** Asks and reads to the end. Never rejects. @param patience milliseconds after which it hangs */
export const takeTurn = async (
  url: string,
  ask: Ask,
  patience: number,
  headers: Record<string, string> = {},
): Promise<Verdict> => {
  const began = performance.now();
  const verdict: Verdict = {
    ask,
    end: "invalid",
    status: 0,
    requestId: "",
    text: "",
    began,
    ms: 0,
    first: 0,
    problems: [],
  };
  let body = "";
  try {
    const answer = await fetch(`${url}${paths[ask.form](ask)}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(bodyOf(ask)),
      signal: AbortSignal.timeout(patience),
    });
    verdict.status = answer.status;
    verdict.requestId = answer.headers.get("request-id") ?? "";
    const parts: Uint8Array[] = [];
    for await (const part of answer.body ?? []) {
      verdict.first ||= performance.now() - began;
      parts.push(part as Uint8Array);
    }
    body = Buffer.concat(parts).toString();
    judge(verdict, body);
  } catch (error) {
    const hung = error instanceof Error && error.name === "TimeoutError";
    verdict.end = hung ? "hung" : "invalid";
    verdict.problems.push(inspect(error, { depth: 1 }).slice(0, 1000));
  }
  if (verdict.problems.length > 0)
    verdict.body = body.length > 1500 ? `${body.slice(0, 300)} … ${body.slice(-1200)}` : body;
  verdict.ms = performance.now() - began;
  return verdict;
};

const judge = (verdict: Verdict, body: string): void => {
  const { ask, problems } = verdict;
  if (verdict.status !== 200) {
    const sound = verdict.status >= 400 && isError(ask.form, fields(JSON.parse(body)));
    verdict.end = sound ? "failed" : "invalid";
    if (!sound) problems.push("an error that is not well-formed");
    return;
  }
  const read = ask.stream ? readStream(ask.form, body) : readWhole(ask.form, fields(JSON.parse(body)));
  verdict.text = read.text;
  problems.push(...read.problems);
  verdict.end = !read.error ? "done" : read.text === "" && read.calls.length === 0 ? "failed" : "cut";
  judgeWords(verdict, read);
  if (problems.length > 0) verdict.end = "invalid";
};

/** The words of one call and of no other: all of them, or the first of them. */
const judgeWords = ({ ask, end, text, problems }: Verdict, read: Read): void => {
  const calls = callsIn(text);
  if (calls.length > 1) problems.push(`served twice: ${calls.join(", ")}`);
  const [call] = calls;
  if (call === undefined) {
    if (end === "done") problems.push("done without the answer of any call");
    return;
  }
  const whole = answerOf(call, ask.order.turn);
  if (!(whole.text ?? "").startsWith(text)) problems.push(`words of nobody: ${text}`);
  if (end !== "done") return;
  if (whole.text !== text) problems.push(`done, and not whole: ${text}`);
  const wanted = (whole.tools ?? []).map(({ input }) => JSON.stringify(input));
  const got = read.calls.map((json) => JSON.stringify(JSON.parse(json)));
  if (JSON.stringify(wanted) !== JSON.stringify(got)) problems.push(`calls of nobody: ${got.join(" ")}`);
};
