import { expect, it } from "vitest";
import type { RouterDoor } from "../../src/cli/routers/doors.ts";
import { broughtTo } from "../../src/cli/routers/reload.ts";

const reply = (body: object, status = 200): { status: number; body: string } => ({
  status,
  body: JSON.stringify(body),
});

/** A router in a container. @param revision of the configuration in force when it is first asked */
const door = (revision: number): RouterDoor => ({
  name: "router (stack)",
  kind: "stack",
  ask: () => Promise.resolve(reply({ configuration: { revision } })),
});

const unchanged = (revision: number): Promise<{ status: number; body: string }> =>
  Promise.resolve(reply({ outcome: "unchanged", configuration: { revision } }));

it("a router that took the files by itself, before it was asked to, is told as reloaded", async () => {
  expect(await broughtTo(door(3), () => unchanged(4))).toMatchObject({ outcome: "reloaded" });
});

it("a router to which nothing new was brought is told as unchanged", async () => {
  expect(await broughtTo(door(3), () => unchanged(3))).toMatchObject({ outcome: "unchanged" });
});

it("what a router refuses is told in its words, whatever came before", async () => {
  const refused = reply({ error: { message: "unknown key" } }, 422);
  expect(await broughtTo(door(3), () => Promise.resolve(refused))).toBe("unknown key (status 422)");
});
