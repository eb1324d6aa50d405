/** Clients that ask one turn after the other, streamed and not, and keep what failed. */
import type { TestRouter } from "../../support/router.ts";

export interface Load {
  /** Turns begun so far. */
  asked: number;
  /** What came instead of a whole answer. */
  readonly failed: string[];
  /** Lets each client finish its turn. */
  stop(): Promise<void>;
}

export const startLoad = (router: TestRouter, clients: number): Load => {
  const stopping = new AbortController();
  const load: Load = {
    asked: 0,
    failed: [],
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const stream = load.asked++ % 2 === 0;
      const answer = await router.ask({ stream });
      const text = await answer.text();
      const isWhole = text.includes(stream ? "message_stop" : "end_turn");
      if (answer.status !== 200 || !isWhole) load.failed.push(`${answer.status} ${text.slice(0, 300)}`);
    }
  };
  const running = Array.from({ length: clients }, client);
  return load;
};
