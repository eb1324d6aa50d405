import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { nodeFlags } from "../../src/shared/node-flags.ts";

it.each(["bin/switchyard", "images/router/start.sh"])("%s gives Node the flags of a router", (file) => {
  const text = readFileSync(resolve(import.meta.dirname, "../..", file), "utf8");
  const command = text.split("\n").find((line) => line.startsWith("exec ") && line.includes("ode"))!;
  const ofV8 = command.split(" ").filter((word) => /^--(no-|max-|heap-)/.test(word));
  expect(ofV8).toEqual(nodeFlags);
});
