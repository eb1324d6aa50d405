/** What the chaos provider says: each answer follows from its call alone, so that a client's text tells which call it came from, and whether it is whole. */
import { createHash } from "node:crypto";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { randomFrom } from "../../support/rechunk.ts";

/** A whole number from words; the same on every machine. */
export const hashOf = (...words: (string | number)[]): number =>
  createHash("sha256").update(words.join("\u0000")).digest().readUInt32LE(0);

const vocabulary = [
  "switch",
  "grüße",
  "漢字",
  "👩‍🚀",
  "✓",
  "rail",
  "\n",
  "yard",
  '"quoted"',
  "\\n",
  "ünï",
  "data: ",
];

const wordsOf = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => vocabulary[Math.floor(random() * vocabulary.length)]).join(" ");

/** The answer of one call. @param call its name, such as `a-17`; @param turn whose it is */
export const answerOf = (call: string, turn: string): ScriptedAnswer => {
  const random = randomFrom(hashOf("answer", call, turn));
  const text = `<call ${call} turn ${turn}> ${wordsOf(random, 10)} <end ${call}>`;
  const kind = random();
  // Text alone, text behind reasoning, text before two calls at once.
  if (kind < 0.6) return { text };
  if (kind < 0.8) return { reasoning: `It is considered: ${wordsOf(random, 6)}.`, text };
  const tool = (at: number) => ({
    name: "note",
    id: `call_${call}_${at}`,
    input: { text: wordsOf(random, 5), at },
  });
  return { text, tools: [tool(0), tool(1)] };
};

/** Every call whose beginning stands in a text, in order. */
export const callsIn = (text: string): string[] =>
  [...text.matchAll(/<call (\S+) turn /g)].map((match) => match[1]!);

/** What a test asks of the provider for one turn stands in the user's words. */
export interface Order {
  turn: string;
  /** A fault by name instead of one by chance, at this provider only. */
  fault?: string;
  on?: string;
  /** Where in the stream, in events. */
  at?: number;
}

export const orderText = (order: Order): string => `CHAOS ${JSON.stringify(order)} END`;

export const orderIn = (body: string): Order | undefined => {
  // The words may stand inside of JSON.
  const found = /CHAOS (\{.*?\}) END/s.exec(body)?.[1];
  return found === undefined ? undefined : (JSON.parse(found.replaceAll('\\"', '"')) as Order);
};
