/** What comes at once is handed on at once, and nothing waits or is lost. */
import { expect, test } from "vitest";
import { TickChunks } from "../../../src/router/turn/tick-chunks.ts";

const collected = (): { chunks: TickChunks; taken: string[] } => {
  const taken: string[] = [];
  return { chunks: new TickChunks((bytes) => void taken.push(bytes.toString())), taken };
};

test("chunks of one tick are one, before the event loop goes on", async () => {
  const { chunks, taken } = collected();
  chunks.push(Buffer.from("a"));
  chunks.push(Buffer.from("b"));
  const beforeTheLoop = new Promise<void>((resolve) => process.nextTick(resolve));
  expect(taken).toEqual([]);
  await beforeTheLoop;
  expect(taken).toEqual(["ab"]);
  chunks.push(Buffer.from("c"));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(taken).toEqual(["ab", "c"]);
});

test("the end of an answer comes after all of its bytes, each once", async () => {
  const { chunks, taken } = collected();
  chunks.push(Buffer.from("a"));
  chunks.flush();
  taken.push("end");
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(taken).toEqual(["a", "end"]);
});
