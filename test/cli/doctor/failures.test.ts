/** `switchyard doctor`: each of its checks on a machine where what it looks at is really broken. A check without such a case fails here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Found } from "../../../src/cli/doctor/check.ts";
import { checks } from "../../../src/cli/doctor/index.ts";
import { lookAt } from "../../support/doctor.ts";
import { engineFailures } from "./failures-engine.ts";
import { machineFailures } from "./failures-machine.ts";
import { begin, end } from "./world.ts";

beforeEach(begin);
afterEach(end);

const failures = { ...machineFailures, ...engineFailures };

it("every check has a case in which it finds something, and nothing else is tried", () => {
  expect(Object.keys(failures).toSorted()).toEqual(checks.map(({ name }) => name).toSorted());
  for (const [name, cases] of Object.entries(failures)) expect(cases.length, name).toBeGreaterThan(0);
});

it("docs/troubleshooting.md has a row of every check", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/troubleshooting.md"), "utf8");
  const rows = text.slice(text.indexOf("## Doctor"), text.indexOf("## Use and"));
  for (const { name } of checks) expect(rows).toContain(`\`${name}\``);
});

describe.each(Object.entries(failures))("doctor's check %s finds", (name, cases) => {
  it.each(cases.map((each) => [each.what, each] as const))(
    "%s",
    async (_what, { make, state, words, fixed }) => {
      const patient = await make();
      const isIt = (each: Found): boolean => each.state !== "ok" && words.test(each.found);
      const found = await lookAt(name, patient());
      const hit = found.find(isIt);
      expect(hit, JSON.stringify(found)).toMatchObject({ state });
      // What must be mended says how.
      if (state === "bad") expect(hit!.todo ?? hit!.fix?.what).toMatch(/^\S.{8,}/);
      expect(hit!.fix === undefined).toBe(fixed === undefined);
      if (fixed === undefined) return;
      await hit!.fix!.run();
      expect(fixed()).toBe(true);
      expect((await lookAt(name, patient())).filter(isIt)).toEqual([]);
    },
  );
});
