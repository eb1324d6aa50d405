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

const root = resolve(import.meta.dirname, "../../..");
const baseUrls = { anthropic: "", "openai-chat": "/v1", "openai-responses": "/v1", gemini: "/v1beta" };

it.each(Object.entries(baseUrls))(
  "a router in front of %s that has served many turns keeps nothing of them when its young objects are collected",
  async (dialect, path) => {
    const provider = await startProvider(() => ({ text: "A word and another one." }));
    const folder = mkdtempSync(join(tmpdir(), "switchyard-short-lived-"));
    const file = join(folder, "switchyard.yaml");
    writeFileSync(
      file,
      `
providers: { p: { dialect: ${dialect}, baseUrl: "${provider.url}${path}", keys: [sk-0123456789] } }
routes: { default: "p,m", background: , think: , longContext: , webSearch: }
`,
    );
    const router = fork(join(root, "test/support/watched-heap.ts"), [file], { execArgv: [...nodeFlags] });
    const told = async (word?: "begin" | "end"): Promise<unknown> => {
      const answer = once(router, "message");
      if (word !== undefined) router.send(word);
      return (await answer)[0];
    };
    try {
      const url = String(await told());
      const body = JSON.stringify({
        ...smallRequest,
        stream: true,
        messages: [{ role: "user", content: "word ".repeat(4_000) }],
      });
      const headers = { "content-type": "application/json" };
      const turns = async (count: number): Promise<void> => {
        for (let turn = 0; turn < count; turn++) {
          const answer = await fetch(`${url}/v1/messages`, { method: "POST", headers, body });
          expect(await answer.text()).toContain("message_stop");
        }
      };
      await turns(50);
      await told("begin");
      await turns(200);
      expect(Number(await told("end")) / 200, "bytes a turn").toBeLessThan(3_000);
    } finally {
      router.kill();
      await provider.close();
      rmSync(folder, { recursive: true });
    }
  },
);
