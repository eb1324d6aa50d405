/** What becomes of a turn, by the kind of the failure: the rows of docs/failures.md, as the user sees them. */
import { describe, expect, test } from "vitest";
import { entryOf, failing, inTurn, quick, refusal, turnLines, trying } from "../../support/attempts.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { provider, router } from "../../support/openai-router.ts";
import { chatStream } from "../../support/provider/chat-stream.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();

const answer = { text: "here" };

describe("what passes in a moment is asked for again at the same target", () => {
  test.each([408, 409, 425, 500, 502, 503])("a status %i", async (status) => {
    const a = await failing(refusal(status), refusal(status), answer);
    const b = await failing({ text: "other" });
    const r = await trying(entryOf("a", a), entryOf("b", b));
    const res = await r.ask({ stream: true });
    expect(res.headers.get("x-switchyard-target")).toBe("a,m");
    expect(res.headers.get("x-switchyard-attempts")).toBe("3");
    expect(await res.text()).toContain("here");
    expect(b.requests).toHaveLength(0);
  });

  test("but only as often as its policy says; then the next target answers", async () => {
    const a = await failing(refusal(500));
    const b = await failing(answer);
    const twice = "failures: { tries: 2, wait: { first: 1ms, longest: 1ms } }";
    const r = await trying(entryOf("a", a, twice), entryOf("b", b));
    expect((await r.ask()).headers.get("x-switchyard-target")).toBe("b,m");
    expect(a.requests).toHaveLength(2);
  });

  test("a stream that says 200 and then an error before its first word", async () => {
    const up = closing(
      await rawProvider((res, { number }) => {
        res.writeHead(200, { "content-type": "text/event-stream" });
        const broken = 'data: {"error":{"message":"internal error","code":500}}\n\n';
        res.end(number === 1 ? broken : chatStream(answer, "m"));
      }),
    );
    const r = await trying(entryOf("a", up));
    const res = await r.ask({ stream: true });
    expect([res.status, up.bodies.length]).toEqual([200, 2]);
    expect(await res.text()).toContain("here");
  });

  test("a connection that is hung up on", async () => {
    const up = closing(
      await rawProvider((res, { socket, number }) => {
        if (number < 3) socket.destroy();
        else res.writeHead(200, { "content-type": "text/event-stream" }).end(chatStream(answer, "m"));
      }),
    );
    const r = await trying(entryOf("a", up));
    expect((await r.ask({ stream: true })).status).toBe(200);
  });
});

describe("the next target answers at once", () => {
  test.each([
    ["an overload", refusal(529, "Overloaded")],
    ["an unknown model", refusal(404, "The model `m` does not exist")],
    ["a model without tools", refusal(400, "m does not support tools")],
    ["a guard's page", { error: { status: 403, body: "<html>Access denied</html>" } }],
  ])("where a target has %s", async (_name, said) => {
    const a = await failing(said);
    const b = await failing(answer);
    const r = await trying(entryOf("a", a), entryOf("b", b));
    const res = await r.ask();
    expect([res.status, res.headers.get("x-switchyard-attempts")]).toEqual([200, "2"]);
    expect(turnLines(r)[0]).toMatchObject({ target: "b,m", outcome: "done" });
  });

  test("an overload of the only target is asked again", async () => {
    const a = await failing(refusal(529, "Overloaded"), answer);
    const r = await trying(entryOf("a", a));
    expect((await r.ask()).status).toBe(200);
  });
});

describe("the next key answers", () => {
  test.each([
    [401, "bad key"],
    [402, "insufficient_quota"],
    [403, "not allowed"],
    [429, "slow down"],
  ])("where one has a %i", async (status, words) => {
    const up = await provider((request) =>
      request.headers.authorization === "Bearer sk-one-0123456789" ? refusal(status, words) : answer,
    );
    const fields = `keys: ["sk-one-0123456789", "sk-two-0123456789"], ${quick}`;
    const r = await trying(entryOf("a", up, fields));
    const first = await r.ask();
    expect([first.status, first.headers.get("x-switchyard-attempts")]).toEqual([200, "2"]);
    // The key rests: the next turn does not begin with it.
    expect((await r.ask()).headers.get("x-switchyard-attempts")).toBe("1");
  });
});

describe("a conversation that is too long", () => {
  const tooLong = refusal(400, "This model's maximum context length is 1000 tokens");
  const windows = "models: { small: { context: 1000 }, smaller: { context: 900 }, large: { context: 9000 } }";

  test("goes to a larger window of the route, past those that are no larger", async () => {
    const [a, b, c] = [await failing(tooLong), await failing(answer), await failing(answer)];
    const r = await router(
      "providers:",
      entryOf("a", a),
      entryOf("b", b),
      entryOf("c", c),
      windows,
      'routes: { default: ["a,small", "b,smaller", "c,large"] }',
    );
    expect((await r.ask()).headers.get("x-switchyard-target")).toBe("c,large");
    expect(b.requests).toHaveLength(0);
  });

  test("goes to the route longContext where its own has none", async () => {
    const [a, c] = [await failing(tooLong), await failing(answer)];
    const r = await router(
      "providers:",
      entryOf("a", a),
      entryOf("c", c),
      windows,
      'routes: { default: "a,small", longContext: "c,large" }',
    );
    expect((await r.ask()).headers.get("x-switchyard-target")).toBe("c,large");
  });

  test("makes the client compact where there is no larger window", async () => {
    const a = await failing(tooLong);
    const r = await router("providers:", entryOf("a", a), 'routes: { default: "a,small" }');
    const res = await r.ask();
    expect(res.status).toBe(400);
    expect(await res.text()).toContain("prompt is too long");
  });
});

test("the caller's own fault goes back at once, and no other target is asked", async () => {
  const a = await failing(refusal(400, "messages.0.role: unknown variant"));
  const b = await failing(answer);
  const r = await trying(entryOf("a", a), entryOf("b", b));
  const res = await r.ask();
  expect(res.status).toBe(400);
  expect(await res.text()).toContain("unknown variant");
  expect([a.requests.length, b.requests.length]).toEqual([1, 0]);
});

test("a provider's own rule goes before the table", async () => {
  const a = await failing(refusal(400, "please try another shard"), answer);
  const rules =
    'failures: { wait: { first: 1ms, longest: 1ms }, rules: [{ status: 400, words: "another shard", then: retry }] }';
  const r = await trying(entryOf("a", a, rules));
  expect((await r.ask()).status).toBe(200);
});

test("after the first word nothing is asked again: the stream ends with an error event", async () => {
  const a = await failing({ text: "a longer text that breaks off somewhere", cutAfter: 900 });
  const b = await provider(inTurn(answer));
  const r = await trying(entryOf("a", a), entryOf("b", b));
  const text = await (await r.ask({ stream: true })).text();
  expect(text).toContain("event: error");
  expect([a.requests.length, b.requests.length]).toEqual([1, 0]);
  expect(turnLines(r)[0]).toMatchObject({ outcome: "cut" });
});
