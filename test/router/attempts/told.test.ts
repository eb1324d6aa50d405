/** What the log and the client are told of attempts: who was asked, by which way, with which key, and who was not. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { entryOf, failing, keysAsked, quick, refusal, turnLines } from "../../support/attempts.ts";
import { closeAfterEach, closing } from "../../support/open.ts";
import { router } from "../../support/openai-router.ts";
import { chatStream } from "../../support/provider/chat-stream.ts";
import { rawProvider } from "../../support/provider/raw.ts";

closeAfterEach();
afterEach(() => void vi.useRealTimers());

const answer = { text: "here" };
/** Nobody listens there. */
const deadProxy = "http://user:pass-word-1@127.0.0.1:1";
const both = 'routes: { default: ["a,m", "b,m"] }';

const lineOf = ({ logs }: { logs: readonly string[] }, code: string): Record<string, unknown> | undefined =>
  logs.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line["code"] === code);

describe("a proxy that is down", () => {
  test("is named, without its password: the provider itself is well", async () => {
    const a = await failing(answer);
    const r = await router(
      "providers:",
      entryOf("a", a, `${quick.slice(0, -2)}, tries: 1 }, proxy: "${deadProxy}"`),
      'routes: { default: "a,m" }',
    );
    const text = await (await r.ask()).text();
    expect(text).toContain("through the proxy http://127.0.0.1:1)");
    expect(text + r.logs.join("")).not.toContain("pass-word-1");
  });

  test("of one key keeps no other key from answering, in this turn and in later ones", async () => {
    const a = await failing(answer);
    const keys = `keys: [{ key: key-one, proxy: "${deadProxy}" }, key-two]`;
    const policy = "failures: { breakAfter: 1, wait: { first: 1ms, longest: 1ms } }";
    const r = await router("providers:", entryOf("a", a, `${keys}, ${policy}`), 'routes: { default: "a,m" }');
    expect((await r.ask()).status).toBe(200);
    expect((await r.ask()).headers.get("x-switchyard-attempts")).toBe("1");
    expect(keysAsked(a)).toEqual(["key-two", "key-two"]);
  });
});

describe("the log", () => {
  test("names the key of several that a provider refused", async () => {
    const a = await failing(refusal(401), answer);
    const keys = "keys: [{ key: key-one, name: plan }, { key: key-two, name: spare }]";
    const r = await router("providers:", entryOf("a", a, `${keys}, ${quick}`), 'routes: { default: "a,m" }');
    expect((await r.ask()).status).toBe(200);
    expect(lineOf(r, "upstream.keyRejected")).toMatchObject({ key: "plan" });
    expect(lineOf(r, "upstream.keyRejected")?.["msg"]).toContain(
      "a does not accept its key plan (status 401)",
    );
  });

  test("says of a turn that went to the second target that the first rests, and until when", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-21T10:00:00Z") });
    const a = await failing(refusal(429, "slow down", { "retry-after": "300" }));
    const b = await failing(answer);
    const r = await router("providers:", entryOf("a", a), entryOf("b", b), both);
    await r.ask();
    await r.ask();
    expect(turnLines(r)[1]).toMatchObject({
      target: "b,m",
      skipped: ["a,m: rests until 2026-11-21T10:05:00.000Z (rateLimited)"],
    });
  });

  test("names the target that was asked last, not one behind it that rests", async () => {
    const a = await failing(refusal(429, "slow down", { "retry-after": "300" }));
    const b = await failing(answer, refusal(404));
    const r = await router("providers:", entryOf("b", b), entryOf("a", a), both);
    await r.ask({ model: "a,m" });
    const res = await r.ask({ model: "b,m" });
    expect(res.headers.get("x-switchyard-target")).toBe("b,m");
  });

  test("warns of an answer that broke off while the client had it", async () => {
    const a = closing(
      await rawProvider((res) => {
        const stream = chatStream({ text: "here is the beginning" }, "m");
        res.writeHead(200, { "content-type": "text/event-stream" });
        res.write(stream.slice(0, stream.indexOf("\n\n", stream.indexOf("here")) + 2), () =>
          setTimeout(() => res.destroy(), 20),
        );
      }),
    );
    const r = await router("providers:", entryOf("a", a), 'routes: { default: "a,m" }');
    expect(await (await r.ask({ stream: true })).text()).toContain("event: error");
    expect(lineOf(r, "upstream.cut")).toMatchObject({ level: 40, target: "a,m" });
  });
});
