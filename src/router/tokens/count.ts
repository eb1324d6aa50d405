/** Counts the input tokens of a request: each text once, however often it is sent. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { isLasting } from "../conversation/lasting.ts";
import { Memo } from "./memo.ts";
import { partsOf } from "./pieces.ts";
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
  const given = options.tokenize;
  const tools: Tools = {
    memo: new Memo(remembered),
    now: options.now ?? (() => performance.now()),
    load:
      given === undefined
        ? tokenizer
        : async (): Promise<Tokenizer> => ({ count: await given(), forget: () => undefined }),
  };
  /** Tokens of parts that last: of them neither texts nor digests are needed again. */
  const parts = new WeakMap<object, number>();

  return {
    count: async (request, enough = Infinity) => {
      const counting = new Counting(tools, enough);
      for (const { of, pieces } of partsOf(request)) {
        if (counting.over) break;
        const before = of === undefined ? undefined : parts.get(of);
        if (before !== undefined) {
          counting.sum += before;
          continue;
        }
        const from = counting.sum;
        const { texts, known } = pieces();
        counting.sum += known;
        let whole = true;
        for (const text of texts)
          if (counting.over || !(counting.remembered(text) ?? (await counting.text(text)))) whole = false;
        if (whole && of !== undefined && isLasting(of)) parts.set(of, counting.sum - from);
      }
      counting.end();
      return counting.sum;
    },
  };
};

interface Tools {
  readonly memo: Memo;
  readonly now: () => number;
  readonly load: () => Promise<Tokenizer>;
}

/** One count on its way. */
class Counting {
  readonly #tools: Tools;
  readonly #enough: number;
  #words: Tokenizer | undefined;
  #since: number;
  sum = 0;

  constructor(tools: Tools, enough: number) {
    this.#tools = tools;
    this.#enough = enough;
    this.#since = tools.now();
  }

  get over(): boolean {
    return this.sum > this.#enough;
  }

  /** Adds a text that was counted before. @returns whether it was counted to its end; undefined where it has to be counted now */
  remembered(text: string): boolean | undefined {
    const { memo } = this.#tools;
    const before = memo.get(memo.key(text));
    if (before === undefined || !(before.whole || this.sum + before.tokens > this.#enough)) return undefined;
    this.sum += before.tokens;
    return before.whole;
  }

  /** Counts a text, or so much of it as is enough. @returns whether it came to its end */
  async text(text: string): Promise<boolean> {
    const { memo, now, load } = this.#tools;
    const words = (this.#words ??= await load());
    let tokens = 0;
    let whole = true;
    for (const slice of slicesOf(text)) {
      if (this.sum + tokens > this.#enough) {
        whole = false;
        break;
      }
      tokens += words.count(slice);
      if (now() - this.#since < budget) continue;
      words.forget();
      await nextTurn();
      this.#since = now();
    }
    memo.set(memo.key(text), { tokens, whole });
    this.sum += tokens;
    return whole;
  }

  end(): void {
    this.#words?.forget();
  }
}

const shared = createCounter();

/**
 * Input tokens of a request.
 * @param enough counting stops above so many: a million tokens need not be counted to know that they are more than 60,000
 */
export const countRequestTokens = (request: MessagesRequest, enough?: number): Promise<number> =>
  shared.count(request, enough);
