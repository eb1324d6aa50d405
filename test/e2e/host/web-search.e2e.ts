/** Claude Code's own web search in the fused shell on the host, on a model whose provider has no search: the router searches for it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProvider, type Script, type ScriptedProvider } from "../../support/provider/server.ts";
import { fakeEngine, searchKeys, searchLine, type FakeEngine } from "../../support/search-engine.ts";
import { asked, nodePage } from "../../support/search-turn.ts";
import { project, type Project } from "../support/project.ts";

const toolNames = (body: Record<string, unknown>): string[] =>
  ((body["tools"] ?? []) as { function?: { name: string } }[]).map((tool) => tool.function?.name ?? "");

/** The session calls WebSearch; the client's own request for it searches and answers. */
const script: Script = ({ body }) => {
  if (toolNames(body).includes("web_search"))
    return asked(body) === 0
      ? { tools: [{ name: "web_search", input: { query: "newest node" } }] }
      : { text: `Node 24, see [Node.js 24](${nodePage}).` };
  const done = (body.messages ?? []).some(({ role }) => role === "tool");
  return done ? { text: "Searched." } : { tools: [{ name: "WebSearch", input: { query: "newest node" } }] };
};

let provider: ScriptedProvider;
let engine: FakeEngine;
let own: Project;
beforeAll(async () => {
  provider = await startProvider(script);
  engine = await fakeEngine("tavily");
  own = project(
    [
      `providers: { scripted: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [] } }`,
      'routes: { default: "scripted,m", background: "scripted,m", think: "scripted,m", webSearch: "scripted,search" }',
      searchLine("tavily", engine.url),
    ].join("\n"),
  );
});
afterAll(async () => {
  await engine.close();
  await provider.close();
  own.remove();
});

it("the client searches, and its session reads links and text", async () => {
  const where = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  const claude = ["claude", "-p", "Search the web for the newest node", "--allowedTools", "WebSearch"];
  const finished = await own.switchyard(["shell", "router", ...where, "--", ...claude], {
    // The client finds WebSearch without a search for tools.
    env: { ...searchKeys, ENABLE_TOOL_SEARCH: "false", IS_SANDBOX: "1" },
  });
  expect(finished.stdout).toBe("Searched.\n");
  expect(engine.queries()).toEqual(["newest node"]);
  expect(provider.requests.map(({ body }) => body.model)).toEqual(["m", "search", "search", "m"]);
  const session = JSON.stringify(provider.requests.at(-1)!.body.messages);
  expect(session).toContain(nodePage);
  expect(session).toContain("Node 24, see");
  expect(JSON.stringify(provider.requests)).not.toContain(searchKeys.TAVILY_API_KEY);
});
