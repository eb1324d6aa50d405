/** Every recording through a router: its ledger says what the provider reported, to the token. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StoredTurn, TurnsAnswer } from "../../src/router/ledger/queries.ts";
import { withFolder } from "../support/data-folders.ts";
import {
  bytesOfFile,
  dialectOfFormat,
  hasFile,
  jsonOfFile,
  type Recording,
  recordingsIn,
} from "../support/recordings.ts";
import { testRouter, type TestRouter } from "../support/router.ts";
import { recordingNotes } from "./recording-notes.ts";

type Figures = Record<string, number | null>;

/** What a recording's provider reported: all input, the part of it that came out of a cache, and output. */
const reportedIn = (
  recording: Recording,
): { input: number; cacheRead: number; output: number } | undefined => {
  const { usage } = jsonOfFile(recording, "expected.json") as { usage?: Figures | null };
  if (usage === null || usage === undefined) return undefined;
  const of = (name: string): number => usage[name] ?? 0;
  const { cacheRead, outputTokens } = recordingNotes[recording.id] ?? {};
  switch (recording.format) {
    case "anthropic": {
      const written = of("cache_creation_input_tokens");
      const read = of("cache_read_input_tokens");
      return { input: of("input_tokens") + written + read, cacheRead: read, output: of("output_tokens") };
    }
    case "openai_chat":
      return {
        input: of("prompt_tokens"),
        cacheRead: cacheRead ?? of("cached_tokens"),
        output: outputTokens ?? of("completion_tokens"),
      };
    case "openai_responses":
      return { input: of("input_tokens"), cacheRead: of("cached_tokens"), output: of("output_tokens") };
    default:
      return {
        // Tools that Google ran are input, and no part of the prompt's count.
        input: of("anthropic_input_tokens") + of("cachedContentTokenCount"),
        cacheRead: of("cachedContentTokenCount"),
        output: outputTokens ?? of("candidatesTokenCount") + of("thoughtsTokenCount"),
      };
  }
};

/** One recording holds the answers of four turns, of which the last counts. */
const answerIn = (recording: Recording): Buffer => {
  if (!hasFile(recording, "response.sse")) return bytesOfFile(recording, "response.json");
  const bytes = bytesOfFile(recording, "response.sse");
  return bytes.subarray(Math.max(0, bytes.lastIndexOf("event: response.created")));
};

withFolder("RECORDINGS", "the usage of recorded answers, as the ledger has it", (root) => {
  const recordings = recordingsIn(root);
  const turns = new Map<string, StoredTurn>();
  let provider: Server;
  let router: TestRouter;

  beforeAll(async () => {
    provider = createServer((req, res) => {
      const recording = recordings[Number(/^\/(\d+)\//.exec(req.url ?? "")?.[1])]!;
      const type = hasFile(recording, "response.sse") ? "text/event-stream" : "application/json";
      req
        .resume()
        .once("end", () =>
          res.writeHead(recording.status, { "content-type": type }).end(answerIn(recording)),
        );
    });
    await new Promise<void>((done) => provider.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    // A provider of its own for each: what one of them refuses is no rest for another.
    const lines = recordings.map(({ format }, i) => {
      const dialect = dialectOfFormat[format]!;
      const base = `${url}/${i}${dialect === "anthropic" ? "" : "/v1"}`;
      return `  rec-${i}: { dialect: ${dialect}, baseUrl: "${base}", keys: [], failures: { tries: 1 } }`;
    });
    router = await testRouter(
      `server: { waitForRest: 0s }\nproviders:\n${lines.join("\n")}\nroutes: { default: "rec-0,m" }\n`,
    );
    for (const [i, recording] of recordings.entries()) {
      const stream = hasFile(recording, "response.sse");
      await (
        await router.ask({ model: `rec-${i},m`, stream }, { "x-claude-code-session-id": `rec-${i}` })
      ).text();
    }
    const page = await fetch(`${router.url}/api/turns?limit=1000`, { headers: router.admin });
    for (const turn of ((await page.json()) as TurnsAnswer).turns) turns.set(String(turn.session), turn);
  }, 60_000);
  afterAll(async () => {
    await router.close();
    provider.close();
  });

  it("each is one turn", () => {
    expect(turns.size).toBe(recordings.length);
    expect(recordings.filter((recording) => reportedIn(recording) !== undefined).length).toBeGreaterThan(100);
  });

  it.each(recordings.map((recording, i) => [recording.id, recording, i] as const))(
    "%s",
    (_, recording, i) => {
      const turn = turns.get(`rec-${i}`)!;
      const reported = reportedIn(recording);
      if (recording.status >= 400) {
        expect({ outcome: turn.outcome, tokens: turn.tokens }).toEqual({ outcome: "failed", tokens: null });
        return;
      }
      if (reported === undefined) return;
      const { input, cacheRead, cacheWrite, output } = turn.tokens ?? {
        input: 0,
        cacheRead: 0,
        cacheWrite: 0,
        output: 0,
      };
      expect({ input: input + cacheRead + cacheWrite, cacheRead, output }).toEqual(reported);
    },
  );
});
