/** Keys that a client sends by mistake where names belong: they are kept nowhere, and go to no provider. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { startProvider } from "../../support/provider/server.ts";
import { testRouter } from "../../support/router.ts";

closeAfterEach();

const key = "sk-canary-provider-01234567";

it("a key as the model, the session or the agent comes out nowhere: provider, ledger, state, exports, log, metrics", async () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-canary-"));
  closing({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const provider = closing(await startProvider(() => ({ text: "hi", usage: { prompt: 3, completion: 2 } })));
  const router = closing(
    await testRouter(
      `
providers: { up: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: ["\${ONE}"] } }
routes: { default: ["up,m"], background: , think: , longContext: , webSearch: , image: }
`,
      { ONE: key },
      { stateFile: join(folder, "state.json") },
    ),
  );
  for (const model of [key, `up,${key}`, `claude-via/up,${key}`]) {
    const answer = await router.ask({ model });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain("a key stands where the name of a model should");
    expect(text).not.toContain(key);
  }
  const named = { "x-claude-code-session-id": key, "x-claude-code-agent-id": key };
  const answer = await router.ask({}, named);
  expect(answer.status).toBe(200);
  await answer.text();

  const told = await Promise.all(
    ["/api/turns", "/api/usage?by=session", "/api/usage/export", "/api/state", "/metrics", "/api/logs"].map(
      async (path) => (await fetch(`${router.url}${path}`, { headers: router.admin })).text(),
    ),
  );
  expect(told[0]).toContain("[redacted …4567]");
  await router.end();
  const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name), "latin1"));
  expect(kept.length).toBeGreaterThan(1);
  expect([...told, ...kept, ...router.logs].filter((text) => text.includes(key))).toEqual([]);
  expect(provider.requests.map(({ raw }) => raw).filter((body) => body.includes(key))).toEqual([]);
});
