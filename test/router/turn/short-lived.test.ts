/** What a turn is made of goes with it: whatever outlives the collections of young objects is copied twice, and then waits for one of the whole heap. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { nodeFlags } from "../../../src/shared/node-flags.ts";
import { startProvider } from "../../support/provider/server.ts";
import { smallRequest } from "../../support/router.ts";
import type { Word } from "../../support/watched-heap.ts";

const root = resolve(import.meta.dirname, "../../..");
const baseUrls = { anthropic: "", "openai-chat": "/v1", "openai-responses": "/v1", gemini: "/v1beta" };

interface Watched {
  /** Has it serve a conversation, to the end of its answer. */
  readonly turn: (messages: readonly { role: string; content: string }[]) => Promise<void>;
  readonly told: (word: Word) => Promise<number>;
}

const watched = async (
  dialect: keyof typeof baseUrls,
  use: (router: Watched) => Promise<void>,
): Promise<void> => {
  const provider = await startProvider(() => ({ text: "A word and another one." }));
  const folder = mkdtempSync(join(tmpdir(), "switchyard-short-lived-"));
  const file = join(folder, "switchyard.yaml");
  const baseUrl = `${provider.url}${baseUrls[dialect]}`;
  writeFileSync(
    file,
    `
providers: { p: { dialect: ${dialect}, baseUrl: "${baseUrl}", keys: [sk-0123456789] } }
routes: { default: "p,m", background: , think: , longContext: , webSearch: }
`,
  );
  const router = fork(join(root, "test/support/watched-heap.ts"), [file], {
    execArgv: [...nodeFlags],
  });
  try {
    const [url] = (await once(router, "message")) as [string];
    await use({
      turn: async (messages) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ ...smallRequest, stream: true, messages });
        const answer = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
        expect(await answer.text()).toContain("message_stop");
      },
      told: async (word) => {
        const answer = once(router, "message");
        router.send(word);
        return Number((await answer)[0]);
      },
    });
  } finally {
    router.kill();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
};

it.each(Object.keys(baseUrls) as (keyof typeof baseUrls)[])(
  "a router in front of %s that has served many turns keeps nothing of them when its young objects are collected",
  (dialect) =>
    watched(dialect, async ({ turn, told }) => {
      const messages = [{ role: "user", content: "word ".repeat(4_000) }];
      for (let i = 0; i < 50; i++) await turn(messages);
      await told("begin");
      for (let i = 0; i < 200; i++) await turn(messages);
      expect((await told("end")) / 200, "bytes a turn").toBeLessThan(3_000);
    }),
);

it("a router does not collect its whole heap every few turns of a long session", () =>
  watched("anthropic", async ({ turn, told }) => {
    const messages = Array.from({ length: 101 }, (_, i) => ({
      role: i % 2 === 0 ? "user" : "assistant",
      content: `${i} ${"word ".repeat(1_600)}`,
    }));
    const next = async (): Promise<void> => {
      messages.push({ role: "assistant", content: "So it is." }, { role: "user", content: "And then?" });
      await turn(messages);
    };
    for (let i = 0; i < 40; i++) await next();
    await told("collect");
    await told("collections");
    for (let i = 0; i < 100; i++) await next();
    expect(await told("collections")).toBeLessThanOrEqual(3);
  }));
