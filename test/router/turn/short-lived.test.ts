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
  readonly turn: (messages: readonly { role: string; content: string }[], system?: string) => Promise<void>;
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
      turn: async (messages, system) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ ...smallRequest, system, stream: true, messages });
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
      let bytes = NaN;
      // A collection of the whole heap takes what is young along, and that would seem to have outlived it.
      for (let tries = 0, collections = NaN; tries < 3 && collections !== 0; tries++) {
        await told("collections");
        await told("begin");
        for (let i = 0; i < 200; i++) await turn(messages);
        bytes = (await told("end")) / 200;
        collections = await told("collections");
      }
      expect(bytes, "bytes a turn").toBeLessThan(3_000);
    }),
);

/** 200 turns behind some that warm up, each with two short messages more, of some 200,000 tokens. */
const longSession = async ({ turn }: Watched, warm: () => Promise<void>): Promise<void> => {
  const messages = Array.from({ length: 101 }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: `${i} ${"word ".repeat(1_600)}`,
  }));
  const system = "Be brief. ".repeat(2_000);
  for (let i = 0; i < 240; i++) {
    if (i === 40) await warm();
    messages.push({ role: "assistant", content: "So it is." }, { role: "user", content: "And then?" });
    await turn(messages, system);
  }
};

it("a router does not collect its whole heap every few turns of a long session", () =>
  watched("anthropic", async (router) => {
    await longSession(router, async () => {
      await router.told("collect");
      await router.told("collections");
    });
    expect(await router.told("collections")).toBeLessThanOrEqual(6);
  }));

it("a long session takes no more memory with each turn than what is new in it", () =>
  watched("openai-chat", async (router) => {
    let before = 0;
    await longSession(router, async () => {
      before = await router.told("collect");
    });
    expect((await router.told("collect")) - before).toBeLessThan(3_500_000);
  }));
