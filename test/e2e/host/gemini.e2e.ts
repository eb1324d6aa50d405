/** Google's own clients from npm, its SDK and Gemini CLI, on a strict provider of every dialect: streams, tools, thinking, counts, errors. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finished } from "../../support/cli.ts";
import { closeAfterEach } from "../../support/open.ts";
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import type { Script } from "../../support/provider/server.ts";
import { turnsOf } from "../../support/provider/turns.ts";
import { kinds, parameters, readTwice, strictRouterWith, type Kind } from "../../support/sdk.ts";

const packages = ["@google/gemini-cli@0.61.0", "@google/genai@3.1.0"];

/** As much of the SDK's types as is used here: it is no dependency of the project. */
interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args: { path: string } };
  functionResponse?: object;
}
interface Answer {
  text?: string;
  candidates?: { content?: { parts?: Part[] }; finishReason?: string }[];
  usageMetadata?: Record<string, number>;
}
interface Question {
  model: string;
  contents: readonly { role: string; parts: readonly Part[] }[];
  config?: object;
}
interface Models {
  generateContent(question: Question): Promise<Answer>;
  generateContentStream(question: Question): Promise<AsyncIterable<Answer>>;
  countTokens(question: Question): Promise<{ totalTokens: number }>;
}
interface Chat {
  sendMessageStream(message: { message: string | Part[] }): Promise<AsyncIterable<Answer>>;
}
interface Sdk {
  GoogleGenAI: new (options: object) => {
    models: Models;
    chats: { create(options: object): Chat };
  };
}

let folder: string;
let sdk: Sdk;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-gemini-"));
  writeFileSync(join(folder, "package.json"), "{}");
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--omit=optional", ...packages], {
    cwd: folder,
    stdio: "ignore",
  });
  const entry = join(folder, "node_modules/@google/genai/dist/node/index.mjs");
  sdk = (await import(pathToFileURL(entry).href)) as Sdk;
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
closeAfterEach();

/** Its SDK keeps a content for each piece of a stream, which Google takes. */
const start = (kind: Kind, script: Script): ReturnType<typeof strictRouterWith> =>
  strictRouterWith({ sidesInARow: true }, kind, script);

const connect = (baseUrl: string): InstanceType<Sdk["GoogleGenAI"]> =>
  new sdk.GoogleGenAI({ apiKey: "router-key-0123456789", httpOptions: { baseUrl } });

const model = "gemini-9-pro";
const config = {
  tools: [{ functionDeclarations: [{ name: "read", parametersJsonSchema: parameters }] }],
  thinkingConfig: { includeThoughts: true, thinkingBudget: 4000 },
};

const partsOf = (answers: readonly Answer[]): Part[] =>
  answers.flatMap((answer) => answer.candidates?.[0]?.content?.parts ?? []);
const all = async (stream: AsyncIterable<Answer>): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for await (const answer of stream) answers.push(answer);
  return answers;
};
const responses = (parts: readonly Part[]): Part[] =>
  parts.flatMap(({ functionCall: call }) =>
    call === undefined
      ? []
      : [
          {
            functionResponse: {
              id: call.id,
              name: call.name,
              response: { output: `content of ${call.args.path}` },
            },
          },
        ],
  );

describe.each(kinds)("Google's SDK on a provider that speaks %s", (kind) => {
  it("streams thoughts, text and calls, and its chat takes them back", async () => {
    const chat = connect((await start(kind, readTwice)).r.url).chats.create({ model, config });
    const first = await all(await chat.sendMessageStream({ message: "read both" }));
    const parts = partsOf(first);
    const said = parts.map(({ text = "", thought }) => (thought === true ? "" : text)).join("");
    const thought = parts.map(({ text = "", thought: is }) => (is === true ? text : "")).join("");
    expect([said, thought]).toEqual(["I read them.", "Both are needed."]);
    expect(parts.flatMap(({ functionCall }) => functionCall?.args ?? [])).toEqual([
      { path: "a.txt" },
      { path: "ü.txt" },
    ]);
    expect(first.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
    expect(first.at(-1)?.usageMetadata).toMatchObject({ promptTokenCount: 100, totalTokenCount: 120 });
    const second = await all(await chat.sendMessageStream({ message: responses(parts) }));
    expect(
      partsOf(second)
        .map(({ text }) => text)
        .join(""),
    ).toBe("Read ✓ both.");
  });

  it("has whole answers, with calls and usage, and goes on from them", async () => {
    const { models } = connect((await start(kind, readTwice)).r.url);
    const question = { role: "user", parts: [{ text: "read both" }] };
    const first = await models.generateContent({ model, contents: [question], config });
    const parts = partsOf([first]);
    expect(first.text).toBe("I read them.");
    const contents = [question, { role: "model", parts }, { role: "user", parts: responses(parts) }];
    const second = await models.generateContent({ model, contents, config });
    expect(second.text).toBe("Read ✓ both.");
    expect(second.usageMetadata).toMatchObject({ promptTokenCount: 300, cachedContentTokenCount: 200 });
  });

  it("counts tokens, and is told of errors with Google's status", async () => {
    const { r } = await start(kind, () => ({
      error: { status: 429, body: '{"error":{"message":"slow down"}}' },
    }));
    const { models } = connect(r.url);
    const contents = [{ role: "user", parts: [{ text: "read both of the files" }] }];
    if (kind !== "gemini")
      expect((await models.countTokens({ model, contents })).totalTokens).toBeGreaterThan(3);
    await expect(models.generateContent({ model, contents })).rejects.toMatchObject({ status: 429 });
  });
});

const awkward = `grüße "✓" \\n 漢字 👩‍🚀\ttab\nlast line\n`;

/** Two calls at once, then a command that fails, then words. */
const steps: ScriptedAnswer[] = [
  {
    reasoning: "A file is wanted.",
    text: "I write it.",
    tools: [
      { name: "write_file", input: { file_path: "made.txt", content: awkward } },
      { name: "list_directory", input: { dir_path: "." } },
    ],
  },
  {
    reasoning: "Now one that fails.",
    tools: [{ name: "run_shell_command", input: { command: "echo third-''output; exit 3" } }],
  },
  { text: "The file is written ✓." },
];

const writesFile: Script = ({ body }) => {
  const serial = turnsOf(body).filter(({ role }) => role === "assistant").length;
  return { ...steps[Math.min(serial, steps.length - 1)]!, serial };
};

const settings = {
  security: { auth: { selectedType: "gemini-api-key" } },
  // It tells its maker of each start, and looks for a newer version.
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

it.each(kinds)(
  "Gemini CLI writes a file, runs a command that fails, and says so, on a provider that speaks %s",
  async (kind) => {
    const { up, r } = await start(kind, writesFile);
    const [home, workspace] = [mkdtempSync(join(folder, "home-")), mkdtempSync(join(folder, "work-"))];
    mkdirSync(join(home, ".gemini"));
    writeFileSync(join(home, ".gemini/settings.json"), JSON.stringify(settings));
    const args = ["--skip-trust", "--yolo", "--output-format", "stream-json", "-p", "write the file"];
    const done = await finished(
      spawn(join(folder, "node_modules/.bin/gemini"), args, {
        cwd: workspace,
        env: {
          PATH: process.env["PATH"],
          HOME: home,
          GOOGLE_GEMINI_BASE_URL: r.url,
          GEMINI_API_KEY: "router-key-0123456789",
          GEMINI_MODEL: "switchyard",
        },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    expect(done.status, done.stderr).toBe(0);
    const events = done.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map(
        (line) => JSON.parse(line) as { type: string; content?: string; output?: string; status?: string },
      );
    const said = events.map(({ type, content }) => (type === "message" ? (content ?? "") : "")).join("");
    expect(said).toMatch(/I write it\..*The file is written ✓\.$/s);
    expect(readFileSync(join(workspace, "made.txt"), "utf8")).toBe(awkward);
    // What the tools gave is in what the provider was asked last.
    const last = up.requests.at(-1)!.raw;
    expect(last).toContain("third-output");
    expect(last).toContain("made.txt");
    expect(last).not.toContain("router-key");
  },
);
