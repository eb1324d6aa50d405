/** Counts the input tokens of a request: each text once, however often it is sent. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { Memo } from "./memo.ts";
import { piecesOf } from "./pieces.ts";
import { slicesOf, tokenizer } from "./tokenizer.ts";

/** Texts that are remembered: some hundred long sessions. */
const remembered = 100_000;
/** Characters after which the event loop gets its turn: streams go on while a long text is counted. */
const budget = 128 * 1024;

export interface Counter {
  /** @returns input tokens, by an estimate that does not depend on the provider */
  count(request: MessagesRequest): Promise<number>;
}

/** @param options.tokenize replaced in tests that count its calls */
export const createCounter = (
  options: { tokenize?: () => Promise<(text: string) => number> } = {},
): Counter => {
  const memo = new Memo(remembered);
  const load = options.tokenize ?? tokenizer;

  const countText = async (text: string): Promise<number> => {
    const tokenize = await load();
    let [count, done] = [0, 0];
    for (const slice of slicesOf(text)) {
      count += tokenize(slice);
      done += slice.length;
      if (done < budget) continue;
      done = 0;
      await nextTurn();
    }
    return count;
  };

  return {
    count: async (request) => {
      const { texts, known } = piecesOf(request);
      let sum = known;
      let sinceTurn = 0;
      for (const text of texts) {
        if (text === "") continue;
        const key = memo.key(text);
        let count = memo.get(key);
        if (count === undefined) {
          count = await countText(text);
          memo.set(key, count);
          sinceTurn += text.length;
          if (sinceTurn > budget) {
            sinceTurn = 0;
            await nextTurn();
          }
        }
        sum += count;
      }
      return sum;
    },
  };
};

const shared = createCounter();

/** Input tokens of a request. */
export const countRequestTokens = (request: MessagesRequest): Promise<number> => shared.count(request);
