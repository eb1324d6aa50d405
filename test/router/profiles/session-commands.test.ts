/** `/router …` inside of Claude Code: what the router answers itself, what a choice there changes, and what must not be taken for one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { accessFiles } from "../../../src/shared/access-files.ts";
import { clientKeysText, createClientKey, readTerms } from "../../../src/shared/client-keys.ts";
import { seedRouterCommand } from "../../../src/fuse/router-command.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { eventsOf, testRouter, type TestRouter } from "../../support/router.ts";
import { framesOf, problemsOf } from "../../support/validate-anthropic-stream.ts";

closeAfterEach();

const yaml = `
routes: { default: ["demo,usual"], background: , think: , longContext: { use: "demo,long", threshold: 70000 }, webSearch: , image: }
profiles:
  blue: { models: { sonnet: "demo,blue" } }
  off: { models: { sonnet: "zai,glm-4.6" } }
`;
const start = async (): Promise<TestRouter> => closing(await testRouter(yaml));

type Blocks = { type: "text"; text: string }[];
const block = (text: string): Blocks[number] => ({ type: "text", text });
/** As Claude Code 2.1.329 sends `/router WORDS`. */
const typed = (words: string): Blocks => [
  block("<system-reminder>\nMind the gap.\n</system-reminder>\n"),
  block(
    `<command-message>router</command-message>\n<command-name>/router</command-name>\n<command-args>${words}</command-args>\n`,
  ),
  block(`<switchyard-router>${words}</switchyard-router>\n`),
];
const of = (session: string, more: Record<string, string> = {}) => ({
  "x-claude-code-session-id": session,
  ...more,
});
const send = (router: TestRouter, content: unknown, headers: Record<string, string>, more: object = {}) =>
  router.ask({ messages: [{ role: "user", content }], ...more }, headers);
const words = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { content: { text: string }[] }).content[0]!.text;
const targetOf = async (router: TestRouter, headers: Record<string, string>) =>
  (await send(router, "hi", headers)).headers.get("x-switchyard-target");

describe("/router", () => {
  it("status tells profile and providers, and asks no model", async () => {
    const router = await start();
    const answer = await send(router, typed("status"), of("one"));
    expect(answer.headers.get("x-switchyard-target")).toBe("router");
    const text = await words(answer);
    expect(text).toContain("Profile of this session: none. Default: none.");
    expect(text).toContain("- gemini: off (GEMINI_API_KEY is not set)");
    expect(text).toContain(", blue.");
    expect(await words(await send(router, typed(""), of("one")))).toBe(text);
  });

  it("rules tells them in their order, of the session's profile", async () => {
    const router = await start();
    expect(await words(await send(router, typed("rules"), of("one")))).toMatch(
      /longContext \(above 70000 tokens\): demo,long\n- default: demo,usual$/,
    );
    await send(router, typed("use blue"), of("one"));
    expect(await words(await send(router, typed("rules"), of("one")))).toContain("- default: demo,blue");
  });

  it("use moves this session alone, its subagents too, and takes it back", async () => {
    const router = await start();
    expect(await words(await send(router, typed("use blue"), of("one")))).toContain("by the profile blue");
    expect(await targetOf(router, of("one"))).toBe("demo,blue");
    expect(await targetOf(router, of("one", { "x-claude-code-agent-id": "a" }))).toBe("demo,blue");
    expect(await targetOf(router, of("two"))).toBe("demo,usual");
    expect(await targetOf(router, {})).toBe("demo,usual");
    await send(router, typed("use default"), of("one"));
    expect(await targetOf(router, of("one"))).toBe("demo,usual");
  });

  it("answers as a stream that a client takes", async () => {
    const answer = await send(await start(), typed("rules"), of("one"), { stream: true });
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const text = await answer.text();
    expect(problemsOf(framesOf(text))).toEqual([]);
    expect(eventsOf(text).at(-1)?.event).toBe("message_stop");
  });

  it("refuses in words what cannot be, and changes nothing", async () => {
    const router = await start();
    expect(await words(await send(router, typed("use bleu"), of("one")))).toContain('Did you mean "blue"');
    expect(await words(await send(router, typed("use off"), of("one")))).toContain("ZAI_API_KEY is not set");
    expect(await words(await send(router, typed("dance"), of("one")))).toContain("no such command");
    expect(await words(await send(router, typed("use blue"), {}))).toContain("does not say of which session");
    expect(await targetOf(router, of("one"))).toBe("demo,usual");
  });

  it("has the rights of the client's key, and another client's session of the same id is another one", async () => {
    const router = await start();
    const narrow = createClientKey([], "narrow", readTerms({ profiles: ["green"] }), Date.now());
    const wide = createClientKey(narrow.keys, "wide", readTerms({}), Date.now());
    const third = createClientKey(wide.keys, "third", readTerms({ models: ["demo,long"] }), Date.now());
    writeFileSync(join(router.access, accessFiles.clientKeys), clientKeysText(third.keys));
    const by = (key: string) => of("one", { "x-api-key": key });
    await expect.poll(async () => (await send(router, "hi", {})).status, { timeout: 10_000 }).toBe(401);
    expect((await send(router, typed("status"), {})).status).toBe(401);
    expect(await words(await send(router, typed("use blue"), by(narrow.key)))).toContain(
      "narrow may not use the profile blue",
    );
    expect(await words(await send(router, typed("use blue"), by(wide.key)))).toContain("by the profile blue");
    expect(await targetOf(router, by(wide.key))).toBe("demo,blue");
    expect(await words(await send(router, typed("rules"), by(third.key)))).toContain(
      "- default: nothing that your key may use",
    );
  });

  it.each([
    ["in a text of several", [block("look:"), block("<switchyard-router>use blue</switchyard-router>")]],
    ["with other words than were typed", [...typed("status").slice(0, 2), ...typed("use blue").slice(2)]],
    [
      "amidst a text",
      [...typed("use blue").slice(0, 2), block("x <switchyard-router>use blue</switchyard-router>")],
    ],
    [
      "under another command",
      [
        block("<command-name>/review</command-name>\n<command-args>use blue</command-args>"),
        ...typed("use blue").slice(2),
      ],
    ],
    ["in a tool's result", [{ type: "tool_result", tool_use_id: "t", content: typed("use blue") }]],
  ])("is none %s", async (_, content) => {
    const router = await start();
    const tool = { type: "tool_use", id: "t", name: "Read", input: {} };
    const answer = await router.ask(
      {
        messages: [
          { role: "user", content: "x" },
          { role: "assistant", content: [tool] },
          { role: "user", content },
        ],
      },
      of("one"),
    );
    expect(answer.headers.get("x-switchyard-target")).toBe("demo,usual");
    expect(await targetOf(router, of("one"))).toBe("demo,usual");
  });

  it("is none of an agent's", async () => {
    const router = await start();
    const answer = await send(router, typed("use blue"), of("one", { "x-claude-code-agent-id": "a" }));
    expect(answer.headers.get("x-switchyard-target")).toBe("demo,usual");
  });
});

describe("a choice", () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-choices-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const stateFile = join(folder, "router-state.json");
  const again = async (): Promise<TestRouter> => closing(await testRouter(yaml, {}, { stateFile }));

  it("outlasts the router, and so does taking it back", async () => {
    const first = await again();
    await send(first, typed("use blue"), of("one"));
    await send(first, typed("use blue"), of("two"));
    await send(first, typed("use default"), of("two"));
    await first.end();
    const second = await again();
    expect(await targetOf(second, of("one"))).toBe("demo,blue");
    expect(await targetOf(second, of("two"))).toBe("demo,usual");
    await second.end();
  });

  it("is not kept for a session's id that is longer than any client's", async () => {
    const router = await start();
    const long = "x".repeat(200);
    expect(await words(await send(router, typed("use blue"), of(long)))).toContain(
      "does not say of which session",
    );
    expect(await targetOf(router, of(long))).toBe("demo,usual");
  });
});

it("the seeded command is one that no model may call, and a user's own of that name stays", () => {
  const text = seedRouterCommand(undefined)!;
  expect(text).toContain("disable-model-invocation: true");
  expect(seedRouterCommand(text)).toBeUndefined();
  expect(seedRouterCommand(`${text}old`)).toBe(text);
  expect(seedRouterCommand("my own")).toBeUndefined();
});
