import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faultOf, forms, streamPieces, wholeAnswer } from "./bench/answers.ts";
import { bodyNames, counterMark, lastMessageMark, requestBody } from "./bench/bodies.ts";
import { allCases, caseName, quickCases } from "./bench/cases.ts";
import { chartOf } from "./bench/chart.ts";
import { contenders, floor, ours, peers } from "./bench/contenders/index.ts";
import { goalsOf } from "./bench/goals.ts";
import { exceeded, readLimits } from "./bench/limits.ts";
import type { CaseResult, Measured, Results } from "./bench/results.ts";
import { spreadOf } from "./bench/statistics.ts";

const folder = join(import.meta.dirname, "../bench");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");

const bodyIn = (answer: Buffer): string =>
  answer.toString("latin1").split("\r\n\r\n").slice(1).join("\r\n\r\n");

describe("the arena", () => {
  it("shows in the README's picture what the latest run found", () => {
    expect(text("chart.svg")).toBe(chartOf(JSON.parse(text("results/latest.json")) as Results));
  });

  it.each(["latest.json", "parts.json"])(
    "says in %s nothing of the registries of the machine that it ran on",
    (name) => {
      expect(text(`results/${name}`)).not.toMatch(/https?:\/\/(?!…|127\.0\.0\.1)/);
    },
  );

  it("holds what it says of a contender's name in the picture as text, whatever is in it", () => {
    const results = JSON.parse(text("results/latest.json")) as Results;
    const [first] = results.processes;
    const odd = { ...results, processes: [{ ...first!, contender: `<script>&` }] };
    expect(chartOf(odd)).toContain("&lt;script&gt;&amp;</text>");
  });

  it("gives every case a name of its own, and the quick run takes some of the full one's", () => {
    const names = allCases.map(caseName);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(quickCases.map(caseName)));
    expect(new Set(contenders.map((each) => each.name)).size).toBe(contenders.length);
  });

  it("makes bodies of the sizes that their names say, each with a number that the generator exchanges", () => {
    for (const name of bodyNames) {
      const body = requestBody(name, true, "m", "long");
      const size = Number.parseInt(name, 10) * (name.includes("MB") ? 1e6 : 1e3);
      expect(body.length / size).toBeGreaterThan(0.9);
      expect(body.length / size).toBeLessThan(1.1);
      expect(body).toContain(`${lastMessageMark} long request ${counterMark}`);
    }
  });

  it.each(forms)(
    "takes the provider's own answers in the form %s as right, and a shortened one as wrong",
    (form) => {
      const whole = bodyIn(wholeAnswer(form));
      expect(faultOf(form, false, "short", 200, whole)).toBeUndefined();
      for (const answer of ["short", "each", "long", "paced"] as const) {
        const stream = bodyIn(Buffer.concat(streamPieces(form, answer)));
        expect(faultOf(form, true, answer, 200, stream)).toBeUndefined();
        expect(faultOf(form, true, answer, 200, stream.slice(0, stream.length / 2))).toMatch("the text");
      }
      expect(faultOf(form, true, "long", 200, bodyIn(Buffer.concat(streamPieces(form, "short"))))).toMatch(
        "the text",
      );
    },
  );

  it("calls a goal missed when the router costs more than the floor's CPU allows, and reached when it does not", () => {
    const of = (cpuToFloor: number): CaseResult[] => {
      const one = spreadOf([1]);
      const measured = {
        cpuToFloor: spreadOf([cpuToFloor]),
        cpuPer1000: one,
        addedFirst50: one,
        addedEnd50: one,
      };
      return [
        { name: "chat each-stream 20KB c10", form: "chat", contenders: { [ours]: measured as Measured } },
      ];
    };
    const reached = (cpuToFloor: number): boolean[] =>
      goalsOf(of(cpuToFloor), [], []).map((goal) => goal.reached);
    expect(reached(1.4)).toEqual([true]);
    expect(reached(1.6)).toEqual([false]);
  });

  it("calls a goal missed beside a peer that adds nothing, whatever the noise made of that", () => {
    const of = (milliseconds: number): Measured => {
      const added = spreadOf([milliseconds]);
      return { addedFirst50: added, addedEnd50: added, cpuPer1000: added } as Measured;
    };
    const [peer] = peers;
    const name = "chat stream 2KB c10";
    const goals = goalsOf(
      [{ name, form: "chat", contenders: { [ours]: of(0.5), [peer!]: of(-0.01) } }],
      [],
      [],
    );
    expect(goals.map(({ reached }) => reached)).toEqual([false, false, false]);
  });

  it("gives idle streams' memory as a goal against the floor's", () => {
    const idle = [{ name: "chat 2KB", streams: 1000, contenders: { [ours]: 90, [floor]: 50 } }];
    expect(goalsOf([], [], idle)).toEqual([expect.objectContaining({ ratio: 1.8, reached: false })]);
  });
});

describe("make bench-check", () => {
  it("keeps limits of cases that there are", () => {
    expect(Object.keys(readLimits(text("limits.json"))).length).toBeGreaterThan(3);
  });

  it.each([
    ["{}", "cpuToFloor is not there"],
    [`{"cpuToFloor":{"chat stream 3KB c10":2}}`, "there is no case chat stream 3KB c10"],
    [`{"cpuToFloor":{"chat stream 2KB c10":"2"}}`, "the limit of chat stream 2KB c10 is no ratio"],
  ])("refuses a file of limits like %s", (file, why) => {
    expect(() => readLimits(file)).toThrow(why);
  });

  it("names a case that is past its limit, or that has no figure, and none that is within", () => {
    const rows = [
      { name: "a", ratio: spreadOf([2]), limit: 2 },
      { name: "b", ratio: spreadOf([2.5]), limit: 2 },
      { name: "c", ratio: spreadOf([]), limit: 2 },
    ];
    expect(exceeded(rows)).toMatch(/^b takes 2\.50 times .* than 2\.00; c takes NaN /);
    expect(exceeded(rows.slice(0, 1))).toBeUndefined();
  });
});
