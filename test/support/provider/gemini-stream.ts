/** Answers in Gemini's form, as Google would send them. */
import type { ScriptedAnswer } from "./chat-stream.ts";

const usageOf = (answer: ScriptedAnswer): object => {
  const { prompt, completion, cached } = { prompt: 100, completion: 20, ...answer.usage };
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: completion,
    totalTokenCount: prompt + completion,
    ...(cached !== undefined && { cachedContentTokenCount: cached }),
  };
};

/** Calls have no ids unless the script gives them, as with most of its models. */
const partsOf = (answer: ScriptedAnswer): object[] => [
  ...(answer.reasoning === undefined ? [] : [{ text: answer.reasoning, thought: true }]),
  ...(answer.text === undefined ? [] : [{ text: answer.text }]),
  ...(answer.tools ?? []).map(({ name, input, id }, i) => ({
    functionCall: { name, args: input, ...(id !== undefined && { id }) },
    ...(i === 0 && { thoughtSignature: answer.opaque ?? "c2lnbmVkIGJ5IHRoZSBzY3JpcHQ=" }),
  })),
];

/** Sources come with the last chunk, and say by bytes what of the text stands on them. */
const groundingOf = ({ search, text = "" }: ScriptedAnswer): object =>
  search === undefined
    ? {}
    : {
        groundingMetadata: {
          webSearchQueries: [search.query],
          groundingChunks: [{ web: { uri: search.url, title: search.title } }],
          groundingSupports: [
            { segment: { endIndex: Buffer.byteLength(text), text }, groundingChunkIndices: [0] },
          ],
        },
      };

const chunkOf = (parts: object[], answer: ScriptedAnswer, finish?: string): object => ({
  candidates: [
    {
      index: 0,
      content: { role: "model", parts },
      ...(finish !== undefined && { finishReason: finish, ...groundingOf(answer) }),
    },
  ],
  usageMetadata: usageOf(answer),
  modelVersion: "gemini-scripted",
});

/** One part a chunk, CRLF line ends as Google writes them. */
export const geminiStream = (answer: ScriptedAnswer): string =>
  [
    ...partsOf(answer).map((part) => chunkOf([part], answer)),
    chunkOf([{ text: "" }], answer, answer.finish ?? "STOP"),
  ]
    .map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`)
    .join("");

export const geminiMessage = (answer: ScriptedAnswer): string =>
  JSON.stringify(chunkOf(partsOf(answer), answer, answer.finish ?? "STOP"));
