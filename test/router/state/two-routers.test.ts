/** Two routers of one user, each a process of its own, as two shells on the host have them. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { accessDir, adminHeader, readMachineSecret } from "../../../src/shared/access-files.ts";
import { sandbox, untilPrinted, type Sandbox } from "../../support/cli.ts";
import { startProvider, type ScriptedProvider } from "../../support/provider/server.ts";

let user: Sandbox;
let provider: ScriptedProvider;
let asked = 0;
let refusing = false;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  user = sandbox();
  [asked, refusing] = [0, false];
  provider = await startProvider(() => {
    asked++;
    if (refusing)
      return {
        error: { status: 429, headers: { "retry-after": "600" }, body: '{"error":{"message":"no"}}' },
      };
    // A dollar by the prices below.
    return { text: "Spent.", usage: { prompt: 1_000, completion: 0 } };
  });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await provider.close();
  user.remove();
});

interface Started {
  readonly url: string;
  end(signal: NodeJS.Signals): Promise<void>;
}

const start = async (): Promise<Started> => {
  const config = join(user.folder, "switchyard.yaml");
  writeFileSync(
    config,
    `
providers: { p: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [sk-0123456789], failures: { tries: 1 } } }
routes: { default: "p,m", background: , think: , longContext: , webSearch: }
models: { "p,m": { price: { input: 1000, output: 0 } } }
budgets: [{ name: all, limit: 30, per: month }]
`,
  );
  const router = user.start(["router", "--config", config, "--port", "0"]);
  const ended = once(router, "close");
  router.stderr?.resume();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    router.kill(signal);
    await ended;
  };
  ends.push(() => end("SIGTERM"));
  const [, url] = await untilPrinted(router, "stdout", /^listening on (\S+)/m);
  return { url: url!, end };
};

const ask = async ({ url }: Started): Promise<number> => {
  const body = JSON.stringify({
    model: "p,m",
    max_tokens: 16,
    messages: [{ role: "user", content: "Spend a dollar." }],
  });
  const answer = await fetch(`${url}/v1/messages`, { method: "POST", body });
  await answer.text();
  return answer.status;
};

const spent = async ({ url }: Started): Promise<number> => {
  const headers = { [adminHeader]: readMachineSecret(accessDir(user.state)) ?? "" };
  const answer = await fetch(`${url}/api/budgets`, { headers });
  const { budgets } = (await answer.json()) as { budgets: { spent: number }[] };
  return Math.round((budgets[0]?.spent ?? 0) * 1000) / 1000;
};

it("a budget is passed by no more than what was in flight of both, and both know what was spent", async () => {
  const routers = [await start(), await start()] as const;
  const together = 8;
  const served = { count: 0 };
  let turns = 0;
  const client = async (router: Started): Promise<void> => {
    while (turns < 120) {
      turns++;
      if ((await ask(router)) === 200) served.count++;
    }
  };
  await Promise.all(Array.from({ length: together }, (_, i) => client(routers[i % 2]!)));
  expect(served.count).toBe(asked);
  expect(served.count).toBeGreaterThanOrEqual(30);
  expect(served.count).toBeLessThanOrEqual(30 + together);
  expect([await spent(routers[0]), await spent(routers[1])]).toEqual([served.count, served.count]);
  expect([await ask(routers[0]), await ask(routers[1])]).toEqual([402, 402]);
}, 30_000);

it("of which one is killed: what both have spent is known to the other, and to the next one", async () => {
  const [first, second] = [await start(), await start()];
  for (let i = 0; i < 6; i++) expect(await ask(i % 2 === 0 ? first : second)).toBe(200);
  await first.end("SIGKILL");
  expect(await ask(second)).toBe(200);
  expect(await spent(second)).toBe(7);
  await second.end("SIGKILL");
  expect(await spent(await start())).toBe(7);
}, 30_000);

it("a key that one of them was refused is not asked by the other", async () => {
  const [first, second] = [await start(), await start()];
  refusing = true;
  expect(await ask(second)).toBe(429);
  expect(await ask(first)).toBe(429);
  expect(asked).toBe(1);
}, 30_000);
