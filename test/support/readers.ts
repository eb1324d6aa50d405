/**
 * What a request says, read from the form of each provider: written down a second time and without any code of the router, so that what was
 * sent can be compared with what was meant, whatever the form.
 */
import { type Fields, fieldsOf, listOf, text } from "./strict/judge.ts";

export interface Said {
  /** The system prompt, where the form has a place for it. */
  system: string[];
  /** Words of users, models and the system inside of the conversation, in order. */
  words: string[];
  calls: { id: string; name: string; input: unknown }[];
  /** Each with the place of its call among `calls`; -1 where there is none. */
  results: { call: number; text: string; failed: boolean }[];
  /** Base64 or addresses, in order, those inside of results among them. */
  images: string[];
  files: string[];
  /** Signed thinking and what is hidden, as it stands there. */
  sealed: string[];
}

const nothing = (): Said => ({
  system: [],
  words: [],
  calls: [],
  results: [],
  images: [],
  files: [],
  sealed: [],
});

const failedMark = /^\[tool error\] ?/;

class Reading {
  readonly said = nothing();

  system(content: unknown): void {
    for (const part of partsOf(content)) this.said.system.push(text(part["text"]));
  }

  word(value: unknown): void {
    if (typeof value === "string" && value !== "") this.said.words.push(value);
  }

  /** @param json arguments as an object, or as JSON in text */
  call(id: unknown, name: unknown, json: unknown): void {
    const input: unknown = typeof json === "string" ? JSON.parse(json) : json;
    this.said.calls.push({ id: text(id), name: text(name), input });
  }

  /** An id may be used again in a later turn: the last call before counts. */
  result(id: unknown, words: string, failed = false): void {
    const call = this.said.calls.findLastIndex((one) => one.id === id);
    const plain = words
      .replace(failedMark, "")
      .replace("[see the attachment in the next message]", "")
      .trim();
    this.said.results.push({ call, text: plain, failed: failed || failedMark.test(words) });
  }

  /** A file of text is words. */
  media(data: unknown, type: string): void {
    const ofText = /^data:text\/[^,]*;base64,(.*)$/.exec(text(data))?.[1];
    if (ofText !== undefined) return this.word(Buffer.from(ofText, "base64").toString());
    const plain = text(data).replace(/^data:[^,]*,/, "");
    if (plain === "") return;
    (type.startsWith("image") ? this.said.images : this.said.files).push(plain);
  }
}

const partsOf = (content: unknown): Fields[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);

const readAnthropic = (body: Fields): Said => {
  const reading = new Reading();
  reading.system(body["system"]);
  const source = (block: Fields, type: string): void => {
    const { data, url, type: kind } = fieldsOf(block["source"]);
    if (kind === "text") reading.word(data);
    else reading.media(data ?? url, type);
  };
  const blocks = (content: unknown): string =>
    partsOf(content)
      .map((block) => {
        const type = text(block["type"]);
        const { data, type: kind } = fieldsOf(block["source"]);
        if (kind === "text") return text(data);
        if (type === "image" || type === "document") source(block, type);
        return text(block["text"]);
      })
      .filter((words) => words !== "")
      .join("\n");
  for (const message of listOf(body["messages"]))
    for (const block of partsOf(message["content"])) {
      const type = text(block["type"]);
      if (type === "text") reading.word(block["text"]);
      else if (type === "tool_use") reading.call(block["id"], block["name"], block["input"]);
      else if (type === "tool_result")
        reading.result(block["tool_use_id"], blocks(block["content"]), block["is_error"] === true);
      else if (type === "image" || type === "document") source(block, type);
      else if (type === "thinking" && text(block["signature"]) !== "")
        reading.said.sealed.push(`${text(block["thinking"])} ${text(block["signature"])}`);
      else if (type === "redacted_thinking") reading.said.sealed.push(text(block["data"]));
    }
  return reading.said;
};

const readChat = (body: Fields): Said => {
  const reading = new Reading();
  const other = (part: Fields): void => {
    if (part["type"] === "image_url") reading.media(fieldsOf(part["image_url"])["url"], "image");
    if (part["type"] === "file") reading.media(fieldsOf(part["file"])["file_data"], "file");
  };
  for (const message of listOf(body["messages"])) {
    const parts = partsOf(message["content"]);
    const words = parts.map((part) => text(part["text"])).filter((said) => said !== "");
    if (message["role"] === "tool") reading.result(message["tool_call_id"], words.join("\n"));
    else for (const said of words) reading.word(said);
    for (const part of parts) other(part);
    for (const call of listOf(message["tool_calls"])) {
      const { name, arguments: json } = fieldsOf(call["function"]);
      reading.call(call["id"], name, json);
    }
  }
  return reading.said;
};

const readResponses = (body: Fields): Said => {
  const reading = new Reading();
  const other = (part: Fields): void => {
    if (part["type"] === "input_image") reading.media(part["image_url"], "image");
    if (part["type"] === "input_file") reading.media(part["file_data"] ?? part["file_url"], "file");
  };
  const input = body["input"];
  reading.system(body["instructions"]);
  const items = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input);
  for (const item of items) {
    const type = text(item["type"]);
    if (type === "function_call") reading.call(item["call_id"], item["name"], item["arguments"]);
    else if (type === "function_call_output") {
      const parts = partsOf(item["output"]);
      reading.result(
        item["call_id"],
        parts
          .map((part) => text(part["text"]))
          .filter((said) => said !== "")
          .join("\n"),
      );
      for (const part of parts) other(part);
    } else if (type === "reasoning") reading.said.sealed.push(text(item["encrypted_content"]));
    else
      for (const part of partsOf(item["content"])) {
        reading.word(part["text"]);
        other(part);
      }
  }
  return reading.said;
};

const readGemini = (body: Fields): Said => {
  const reading = new Reading();
  reading.system(fieldsOf(body["systemInstruction"])["parts"]);
  let unnamed = 0;
  const part = (one: Fields): void => {
    if (one["thought"] !== true) reading.word(one["text"]);
    for (const [name, field] of [
      ["inlineData", "data"],
      ["fileData", "fileUri"],
    ] as const) {
      const media = fieldsOf(one[name]);
      if (name in one) reading.media(media[field], text(media["mimeType"]));
    }
    const signature = text(one["thoughtSignature"]);
    if (signature !== "" && !/^[a-z_]+$/.test(signature)) reading.said.sealed.push(signature);
  };
  for (const content of listOf(body["contents"])) {
    let answered = unnamed;
    for (const one of listOf(content["parts"])) {
      part(one);
      if ("functionCall" in one) {
        const { id, name, args } = fieldsOf(one["functionCall"]);
        reading.call(id ?? `by place ${unnamed++}`, name, args ?? {});
      }
      if ("functionResponse" in one) {
        const { id, response, parts } = fieldsOf(one["functionResponse"]);
        const { output, error, ...rest } = fieldsOf(response);
        const own = Object.keys(rest).length > 0 ? JSON.stringify(response) : text(output ?? error);
        // Without ids the responses stand in the order of the calls before them.
        const open = reading.said.calls.length - countOf(content);
        const place = reading.said.calls[open + answered++ - unnamed]?.id;
        reading.result(id ?? place, own, error !== undefined);
        for (const inner of listOf(parts)) part(inner);
      }
    }
  }
  return reading.said;
};

const countOf = (content: Fields): number =>
  listOf(content["parts"]).filter((part) => "functionResponse" in part).length;

const readers: Readonly<Record<string, (body: Fields) => Said>> = {
  anthropic: readAnthropic,
  "openai-chat": readChat,
  "openai-responses": readResponses,
  gemini: readGemini,
};

/** @param dialect whose form the body has */
export const readRequest = (dialect: string, body: unknown): Said => readers[dialect]!(fieldsOf(body));

type Words = Pick<Said, "system" | "words">;

/** What is not found of the words that were meant, each behind the one before. White space at the ends does not count. */
export const missingWords = (said: Words, wanted: Words): string[] => {
  const whole = [...said.system, ...said.words].join("\n");
  let at = 0;
  return [...wanted.system, ...wanted.words]
    .map((one) => one.trim())
    .filter((one) => {
      const found = whole.indexOf(one, at);
      if (found !== -1) at = found + one.length;
      return found === -1;
    });
};
