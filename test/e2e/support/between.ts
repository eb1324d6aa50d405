/**
 * What a real server between the router and the scripted provider is to let through, whichever forms both its sides have: words, thinking,
 * calls at once with their results, refusals, cuts. What that server loses by itself its test says (`Known`); what the client gets is valid
 * and true in any case.
 */
import { describe, expect, it } from "vitest";
import { accumulate } from "../../support/accumulate.ts";
import { problemsOf } from "../../support/validate-anthropic-stream.ts";
import { answers, ask, called, calls, received, signed, tools, turnAfter } from "./between-world.ts";
import type { World } from "./between-world.ts";
import { carriedCalls } from "./carried-calls.ts";
import { project } from "./project.ts";
import { scenarios } from "./sessions.ts";

/** What a server in between is known to lose or to change. */
export interface Known {
  /** What it counts. Without: cached tokens are not input. */
  usage(stream: boolean): object;
  /** What comes of the thinking. */
  thinking: string;
  /** It mixes up the pieces of calls that come by turns: its own test says what becomes of them. */
  mixesCalls: boolean;
  /** It carries what the provider signed or sealed of its thinking, there and back. */
  signed: boolean;
  /** What it makes of a refusal: status, and type in the client's form. */
  limit: readonly [number, string];
  wrongKey: readonly [number, string];
  tooLong: readonly [number, string];
}

const nothingLost: Known = {
  usage: () => ({ input_tokens: 40, output_tokens: 30, cache_read_input_tokens: 80 }),
  thinking: "First I consider — ✓.",
  mixesCalls: false,
  signed: false,
  limit: [429, "rate_limit_error"],
  wrongKey: [401, "authentication_error"],
  tooLong: [400, "invalid_request_error"],
};

interface Refused {
  error: { type: string; message: string };
}

/** @param target of the router; @param world asked when the tests run */
export const describeWay = (
  title: string,
  target: string,
  world: () => World,
  lost: Partial<Known> = {},
): void => {
  const known = { ...nothingLost, ...lost };
  const asking = (answer: string, more: object = {}): Promise<Response> => ask(world(), target, answer, more);
  const thinking = { type: "enabled", budget_tokens: 2000 };

  describe(title, () => {
    it("streams words whole, whatever their script, and counts them once", async () => {
      const answer = await received(await asking("words"));
      expect(answer.text).toBe(answers["words"]!.text);
      expect(answer.stopReason).toBe("end_turn");
      expect(answer.usage).toMatchObject(known.usage(true));
    });

    it("answers whole where no stream is asked for", async () => {
      const response = await asking("words", { stream: false });
      expect(await response.json()).toMatchObject({
        content: [{ type: "text", text: answers["words"]!.text }],
        stop_reason: "end_turn",
        usage: known.usage(false),
      });
    });

    it("shows the thinking once, where it is passed on", async () => {
      const answer = await received(await asking("thought", { thinking }));
      expect(answer.thinking).toBe(known.thinking);
      expect(answer.text).toBe("Thought.");
      expect(answer.stopReason).toBe("end_turn");
    });

    if (!known.mixesCalls)
      it("carries two calls at once there, and their results back by their ids, with what was signed", async () => {
        const answer = await received(await asking("calls", { tools, thinking }));
        expect(answer.text).toBe("I look.");
        expect(called(answer)).toEqual(calls);
        expect(answer.stopReason).toBe("tool_use");
        const after = await received(await asking("calls", { ...turnAfter(answer), thinking }));
        expect(after.text).toBe("Both are back ✓.");
        expect(after.stopReason).toBe("end_turn");
        const { body, raw } = world().provider.requests.at(-1)!;
        expect(carriedCalls(body).map(({ name, input }) => ({ name, input }))).toEqual(calls);
        expect(carriedCalls(body).map((call) => call.result)).toEqual([
          expect.stringContaining("result of call 0"),
          expect.stringContaining("result of call 1"),
        ]);
        expect(signed.some((signature) => raw.includes(signature))).toBe(known.signed);
      });

    it("says that it was too much, and when to come again: the provider's time, else when the router asks it again", async () => {
      const response = await asking("limit");
      const { error } = (await response.json()) as Refused;
      expect([response.status, error.type]).toEqual(known.limit);
      expect(error.message).toContain("Slow down please.");
      // Where the server in between lost the provider's time, the target rests for ten seconds; some turn the 429 into a 500, after which none rests.
      expect([null, "17", "10"]).toContain(response.headers.get("retry-after"));
    });

    it("says that the provider refused the key, and that asking again is of no use", async () => {
      const response = await asking("wrongKey");
      const { error } = (await response.json()) as Refused;
      expect([response.status, error.type]).toEqual(known.wrongKey);
      expect(error.message).toContain("not known here");
      expect(response.headers.get("x-should-retry")).toBe(known.wrongKey[0] === 401 ? "false" : null);
    });

    it("says that the conversation is too long in the words by which the client compacts", async () => {
      const response = await asking("tooLong");
      const { error } = (await response.json()) as Refused;
      expect([response.status, error.type]).toEqual(known.tooLong);
      expect(error.message).toMatch(/^prompt is too long: .*8192 tokens/s);
    });

    it("never takes a cut for an end", async () => {
      const response = await asking("cut");
      const body = await response.text();
      if (response.status === 200) {
        const answer = accumulate(body);
        expect(problemsOf(answer.frames)).toEqual([]);
        expect(answer.types.at(-1)).toBe("error");
        expect(answer.stopReason).toBeUndefined();
      } else {
        expect(response.status).toBeGreaterThanOrEqual(500);
        expect(JSON.parse(body)).toMatchObject({ type: "error" });
      }
    });
  });
};

/**
 * The real client on the host changes a file, behind a router of its own.
 * @param providers section `providers:` of the router's configuration; @param inParallel two of its calls come at once
 */
export const clientEdits = async (
  { provider }: World,
  providers: string,
  target: string,
  inParallel: boolean,
): Promise<void> => {
  const own = project(`providers:${providers}\nroutes: { default: "${target}", background: "${target}" }`);
  const mark = provider.requests.length;
  const place = ["--runtime", "host", "--config", own.config, "--workspace", own.workspace];
  const shell = (command: string[], input = ""): ReturnType<typeof own.switchyard> =>
    own.switchyard(["shell", "router", ...place, "--", ...command], { input, env: { IS_SANDBOX: "1" } });
  const editing = inParallel
    ? "the client reads a file, runs a command in parallel, edits the file, and the file is changed here"
    : "the client reads a file, runs a command, edits the file, one after the other, and the file is changed here";
  try {
    await scenarios[editing]!({
      project: own,
      folder: own.workspace,
      claude: (args, input) => shell(["claude", ...args], input),
      bash: (text) => shell([text]),
      asked: () => Promise.resolve(provider.requests.slice(mark)),
    });
  } finally {
    own.remove();
  }
};
