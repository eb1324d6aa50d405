/** Recorded requests of real clients, in every form, put to a provider of each dialect: it takes them, and reads what they said. */
import { describe, expect, test } from "vitest";
import type { ContentBlock, MessagesRequest, TextBlock } from "../../src/protocol/anthropic.ts";
import { validateMessagesRequest } from "../../src/router/endpoints/validate.ts";
import { decodeChatRequest } from "../../src/router/inbound/openai-chat/decode.ts";
import { decodeResponsesRequest } from "../../src/router/inbound/openai-responses/decode.ts";
import { forAnthropic } from "../../src/router/inbound/shared/for-anthropic.ts";
import { withFolder } from "../support/data-folders.ts";
import { missingWords, readRequest, type Said } from "../support/readers.ts";
import { dialectOfFormat, hasFile, recordingsIn, textOfFile, type Recording } from "../support/recordings.ts";
import { fieldsOf, listOf } from "../support/strict/judge.ts";
import { contextOf, refusalsOf, sentTo, type Target, targets } from "../support/targets.ts";
import { requestNotes } from "./request-notes.ts";

type Fields = Record<string, unknown>;

/** No endpoint here takes Gemini's form: what a client of it said is put into the hub's by hand. */
const ofGemini = (body: Fields): MessagesRequest => {
  let calls = 0;
  let answered = 0;
  const block = (part: Fields): ContentBlock[] => {
    const media = fieldsOf(part["inlineData"]);
    if ("inlineData" in part) {
      const type = String(media["mimeType"]).startsWith("image/") ? "image" : "document";
      const source = {
        type: "base64" as const,
        media_type: String(media["mimeType"]),
        data: String(media["data"]),
      };
      return [{ type, source }];
    }
    const { name, args } = fieldsOf(part["functionCall"]);
    if ("functionCall" in part)
      return [{ type: "tool_use", id: `c${calls++}`, name: String(name), input: (args ?? {}) as Fields }];
    const { response, parts } = fieldsOf(part["functionResponse"]);
    const said: ContentBlock[] =
      JSON.stringify(response) === "{}" ? [] : [{ type: "text", text: JSON.stringify(response) }];
    if ("functionResponse" in part)
      return [
        {
          type: "tool_result",
          tool_use_id: `c${answered++}`,
          content: [...said, ...listOf(parts).flatMap(block)],
        },
      ];
    return typeof part["text"] === "string" && part["text"] !== "" && part["thought"] !== true
      ? [{ type: "text", text: part["text"] }]
      : [];
  };
  const blocks = (content: unknown): ContentBlock[] => listOf(fieldsOf(content)["parts"]).flatMap(block);
  const messages = listOf(body["contents"])
    .map((content) => ({
      role: content["role"] === "model" ? ("assistant" as const) : ("user" as const),
      content: blocks(content),
    }))
    .filter(({ content }) => content.length > 0);
  // One of them asks with nothing but its system prompt.
  if (messages[0]?.role !== "user")
    messages.unshift({ role: "user", content: [{ type: "text", text: "Go." }] });
  const system = blocks(body["systemInstruction"]) as TextBlock[];
  return { model: "m", max_tokens: 1000, ...(system.length > 0 && { system }), messages };
};

/** Google takes the names of its fields in both spellings. */
const inOneSpelling = (text: string): Fields =>
  JSON.parse(
    text.replaceAll(
      /"(function_call|function_response|inline_data|mime_type|thought_signature|system_instruction)":/g,
      (_, name: string) => `"${name.replaceAll(/_([a-z])/g, (__, letter: string) => letter.toUpperCase())}":`,
    ),
  ) as Fields;

/** As the endpoint of the client's form understands it. */
const understood: Readonly<Record<string, (body: Fields) => MessagesRequest>> = {
  anthropic: (body) => {
    // Google's and Amazon's forms have the model in the address.
    const request = { model: "m", ...body };
    validateMessagesRequest(request);
    return request as unknown as MessagesRequest;
  },
  openai_chat: (body) => decodeChatRequest({ model: "m", ...body }, 0).request,
  openai_responses: (body) => decodeResponsesRequest({ model: "m", ...body }, 0).request,
  gemini: ofGemini,
};

const isOwn = (recording: Recording, target: Target): boolean =>
  dialectOfFormat[recording.format] === target.dialect;

/** What is sent of another client's request; a client of Anthropic's form knows its rules itself. */
const bodyFor = (recording: Recording, target: Target, request: MessagesRequest): Fields =>
  sentTo(
    target,
    target.dialect === "anthropic" && recording.format !== "anthropic"
      ? forAnthropic(request, contextOf(target, "target"))
      : request,
  );

/** `{"result": "…"}` of Gemini's clients is told to others as it stands. */
const meaning = ({ calls, results, images, files }: Said) => ({
  calls: calls.map(({ name, input }) => ({ name, input })),
  results: results.map(({ call, text }) => ({ call, text })).toSorted((a, b) => a.call - b.call),
  images,
  files,
});

withFolder("RECORDINGS", "recorded requests of real clients", (root) => {
  const all = recordingsIn(root).filter(
    (recording) => recording.format in understood && hasFile(recording, "request.json"),
  );
  describe.each(targets.map((target) => [target.name, target] as const))("%s takes", (_, target) => {
    test.each(all.map((recording) => [recording.id, recording] as const))("%s", (id, recording) => {
      const text = textOfFile(recording, "request.json");
      const body = recording.format === "gemini" ? inOneSpelling(text) : (JSON.parse(text) as Fields);
      const request = understood[recording.format]!(structuredClone(body));
      const note = requestNotes[id];
      const sent = bodyFor(recording, target, request);
      // What Anthropic gave out is in its own requests.
      const issued = new Set(
        isOwn(recording, target)
          ? [...JSON.stringify(body).matchAll(/"(?:signature|data)":"([^"]+)"/g)].map((match) => match[1]!)
          : [],
      );
      if (!(recording.format === "anthropic" && target.name === "Anthropic"))
        expect(refusalsOf(target, sent, issued)).toEqual([]);
      const wanted = readRequest(dialectOfFormat[recording.format]!, body);
      const said = readRequest(target.dialect, sent);
      const [found, meant] = [meaning(said), meaning(wanted)];
      if (note?.at.includes(target.dialect) !== true) expect(found).toEqual(meant);
      else {
        const { [note.part]: _found, ...others } = found;
        const { [note.part]: _meant, ...wantedOthers } = meant;
        expect(others).toEqual(wantedOthers);
        expect(found[note.part], `it is told now, and needs no note (${note.reason})`).not.toEqual(
          meant[note.part],
        );
      }
      expect(missingWords(said, wanted)).toEqual([]);
    });
  });
});
