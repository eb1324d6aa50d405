/** Counts the input tokens of a request: each text once, however often it is sent. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { Memo } from "./memo.ts";
import { piecesOf } from "./pieces.ts";
import { slicesOf, tokenizer, type Tokenizer } from "./tokenizer.ts";

/** Texts that are remembered: some hundred long sessions. */
const remembered = 100_000;
/** Milliseconds after which the event loop gets its turn: streams go on while a long text is counted. */
const budget = 10;

export interface Counter {
  /**
   * @param enough the answer that is looked for is "more than so many": counting stops there, and says at least so much
   * @returns input tokens, by an estimate that does not depend on the provider
   */
  count(request: MessagesRequest, enough?: number): Promise<number>;
}

/** @param options.tokenize replaced in tests that count its calls; @param options.now milliseconds, replaced in tests */
export const createCounter = (
  options: { tokenize?: () => Promise<(text: string) => number>; now?: () => number } = {},
): Counter => {
  const memo = new Memo(remembered);
  const now = options.now ?? (() => performance.now());
  const given = options.tokenize;
  const load =
    given === undefined
      ? tokenizer
      : async (): Promise<Tokenizer> => ({ count: await given(), forget: () => undefined });

  return {
    count: async (request, enough = Infinity) => {
      const { texts, known } = piecesOf(request);
      let sum = known;
      let words: Tokenizer | undefined;
      let since = now();
      for (const text of texts) {
        if (sum > enough) break;
        const key = memo.key(text);
        const before = memo.get(key);
        if (before !== undefined && (before.whole || sum + before.tokens > enough)) {
          sum += before.tokens;
          continue;
        }
        words ??= await load();
        let tokens = 0;
        let whole = true;
        for (const slice of slicesOf(text)) {
          if (sum + tokens > enough) {
            whole = false;
            break;
          }
          tokens += words.count(slice);
          if (now() - since < budget) continue;
          words.forget();
          await nextTurn();
          since = now();
        }
        memo.set(key, { tokens, whole });
        sum += tokens;
      }
      words?.forget();
      return sum;
    },
  };
};

const shared = createCounter();

/**
 * Input tokens of a request.
 * @param enough counting stops above so many: a million tokens need not be counted to know that they are more than 60,000
 */
export const countRequestTokens = (request: MessagesRequest, enough?: number): Promise<number> =>
  shared.count(request, enough);
