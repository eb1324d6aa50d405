import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../../../src/protocol/anthropic.ts";
import { BodyMemory } from "../../../src/router/conversation/body-memory.ts";
import { isLasting } from "../../../src/router/conversation/lasting.ts";
import { parseBody } from "../../../src/router/endpoints/validate.ts";

const parse = (raw: Buffer): unknown => JSON.parse(raw.toString("utf8"));

/** Reads bodies one after the other, as the endpoint does. */
const reader = (limits: ConstructorParameters<typeof BodyMemory>[0] = { shortest: 0 }) => {
  const memory = new BodyMemory(limits);
  const read = (text: string, owner = "me"): MessagesRequest => {
    const { body, keep } = memory.read(Buffer.from(text), owner, parse);
    const request = body as MessagesRequest;
    if (Array.isArray(request.messages)) keep(request);
    return request;
  };
  return { memory, read };
};

const message = fc.record(
  {
    role: fc.constantFrom("user", "assistant"),
    content: fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(fc.record({ type: fc.constant("text"), text: fc.string() }), { maxLength: 2 }),
      fc.json().map((input) => [{ type: "tool_use", id: "a", name: "b", input: parse(Buffer.from(input)) }]),
    ),
  },
  { requiredKeys: ["role", "content"] },
);

/** The turns of one session: each has the messages of the one before, but for the last of them, and some more. */
const session = fc
  .record({
    turns: fc.array(fc.array(message, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 }),
    system: fc.array(fc.string(), { minLength: 2, maxLength: 2 }),
    tools: fc.array(fc.jsonValue(), { minLength: 1, maxLength: 2 }),
    order: fc.shuffledSubarray(["model", "messages", "system", "tools", "max_tokens"], { minLength: 5 }),
    indent: fc.constantFrom(undefined, 1),
  })
  .map(({ turns, system, tools, order, indent }) =>
    turns.map((_, turn) => {
      const messages: unknown[] = turns.slice(0, turn + 1).flat();
      messages[messages.length - 1] = {
        ...(messages.at(-1) as object),
        cache_control: { type: "ephemeral" },
      };
      const all: Record<string, unknown> = {
        model: `claude-${turn % 2}`,
        messages,
        system: system[turn % system.length],
        tools: turn < 3 ? tools : [...tools, turn],
        max_tokens: 10 ** turn,
      };
      return JSON.stringify(Object.fromEntries(order.map((key) => [key, all[key]])), undefined, indent);
    }),
  );

const tools = [{ name: "Read", input_schema: { type: "object" } }];
const said = (...contents: string[]): string =>
  JSON.stringify({
    model: "m",
    messages: contents.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content })),
    tools,
  });

describe("bodies of a session", () => {
  it("are read as a parser reads them, whatever was sent before", () => {
    fc.assert(
      fc.property(session, session, (one, other) => {
        const { read } = reader();
        for (const text of [...one, ...other, ...one.toReversed()]) {
          const body = read(text);
          expect(body).toEqual(JSON.parse(text));
          expect(Object.keys(body)).toEqual(Object.keys(JSON.parse(text) as object));
        }
      }),
      { numRuns: 150 },
    );
  });

  it("have the messages and tools of the turn before as the same objects, and these last", () => {
    const { read } = reader();
    const first = read(said("a", "b", "c"));
    const second = read(said("a", "b", "c", "d", "e"));
    expect(second.messages[1]).toBe(first.messages[1]);
    expect(second.tools).toBe(first.tools);
    expect(first.messages.map(isLasting)).toEqual([true, true, false]);
    expect(second.messages.every(isLasting)).toBe(true);
  });

  it.each([
    ["messages twice", `{"messages":[1,2,3],"messages":[4,5,6]}`, `{"messages":[1,2,3],"x":1}`],
    ["messages twice afterwards", `{"messages":[1,2,3],"x":1}`, `{"messages":[1,2,3],"messages":[7]}`],
    ["a key with an escape", `{"messages":[1,2,3],"m\\u0065ssages":[4,5,6]}`, `{"messages":[1,2,3],"x":1}`],
    ["tools twice", `{"messages":[1,2,3],"tools":[1],"tools":[2]}`, `{"messages":[1,2],"tools":[2]}`],
    ["a number that goes on", `{"messages":[1,2,3]}`, `{"messages":[1,2,34]}`],
    [
      "messages inside of something else",
      `{"a":{"messages":[1,2,3]},"messages":[1]}`,
      `{"a":{"messages":[1,2,4]}}`,
    ],
    [
      "a string that looks like an end",
      `{"messages":["a\\"]","\\\\",3]}`,
      `{"messages":["a\\"]","\\\\",3,4]}`,
    ],
    ["nothing in messages", `{"messages":[]}`, `{"messages":[],"x":1}`],
    ["messages that are none", `{"messages":{"0":1,"1":2}}`, `{"messages":{"0":1,"1":2},"x":1}`],
  ])("%s: both bodies are read as they stand", (_, one, other) => {
    const { read } = reader();
    expect(read(one)).toEqual(JSON.parse(one));
    expect(read(other)).toEqual(JSON.parse(other));
    expect(read(one)).toEqual(JSON.parse(one));
  });

  it("that are no JSON are refused with the place in the whole body", () => {
    const { read, memory } = reader();
    read(said("a", "b", "c"));
    const broken = Buffer.from(`${said("a", "b", "c").slice(0, -1)},}`);
    const message = (): unknown => memory.read(broken, "me", parseBody);
    expect(message).toThrow(/not JSON/);
    expect(message).toThrow(new RegExp(`position ${broken.length - 1}`));
  });

  it("of two client keys have nothing in common", () => {
    const { read } = reader();
    const mine = read(said("a", "b", "c"), "me");
    const yours = read(said("a", "b", "c"), "you");
    expect(yours).toEqual(mine);
    expect(yours.messages[0]).not.toBe(mine.messages[0]);
  });

  it("take no more memory than they may, however long sessions grow and however many there are", () => {
    const { read, memory } = reader({ shortest: 0, mostBytes: 3000 });
    for (let turn = 0; turn < 40; turn++) {
      for (const name of ["one", "two", "three", "four"])
        read(said(name, ...Array.from({ length: turn }, (_, i) => `${name} ${i}`)));
      expect(memory.bytes).toBeLessThanOrEqual(3000);
    }
    expect(memory.bytes).toBeGreaterThan(0);
  });

  it("of one session take the place of each other", () => {
    const { read, memory } = reader();
    const last = said("a", "b", "c", "d", "e", "f");
    for (const text of [said("a", "b", "c"), said("a", "b", "c", "d"), last]) read(text);
    // With a quarter more behind it.
    expect(memory.bytes).toBe(Buffer.byteLength(last) * 1.25);
  });

  it("are written over no request that is still on its way", () => {
    const { memory } = reader();
    const texts = [
      said("a", "b", "c"),
      said("a", "b", "x", "d"),
      said("a", "b", "x", "y"),
      said("a", "b", "x"),
      said("a", "b", "c", "d", "e", "f", "g".repeat(500)),
    ];
    const sent = texts.map((text) => {
      const raw = Buffer.from(text);
      const { body, keep } = memory.read(raw, "me", parse);
      keep(body as MessagesRequest);
      return raw;
    });
    expect(sent.map(String)).toEqual(texts);
  });

  it("a long session does not have the whole heap collected again and again: no turn leaves its body behind", async () => {
    const { memory } = reader();
    const contents = ["a", "b"];
    const turn = (_: unknown, number: number): WeakRef<Buffer> => {
      contents.push(`turn ${number} `.repeat(100));
      const raw = Buffer.from(said(...contents));
      const { body, keep } = memory.read(raw, "me", parse);
      keep(body as MessagesRequest);
      return new WeakRef(raw);
    };
    const bodies = Array.from({ length: 30 }, turn);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    // What a reference was made for lives until the end of the task.
    await setImmediate();
    collect();
    expect(memory.bytes).toBeGreaterThan(0);
    expect(bodies.filter((each) => each.deref() !== undefined)).toEqual([]);
  });
});
