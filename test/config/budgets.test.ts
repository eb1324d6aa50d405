/** Budgets as a user writes them. */
import { describe, expect, it } from "vitest";
import { containerConfig } from "../../src/config/container.ts";
import { machineZone } from "../../src/config/hours.ts";
import { testConfig } from "../support/config.ts";
import { place } from "./support.ts";

const base = `
providers: { one: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] } }
routes: { default: ["one,m"] }
`;

describe("budgets", () => {
  it("have defaults, and the provider's name as it is configured", () => {
    const { budgets, admin } = testConfig(
      `${base}\nbudgets: [{ limit: 5 }, { scope: provider, which: ONE, limit: 1, per: day, warnAt: [0.9, 0.1, 0.9], onExceeded: { use: "one,small" } }]`,
    );
    expect(budgets).toEqual([
      {
        name: "all-month",
        scope: "all",
        which: [],
        limit: 5,
        per: "month",
        timezone: machineZone(),
        warnAt: [0.5, 0.8],
        use: [],
      },
      {
        name: "provider-day",
        scope: "provider",
        which: ["one"],
        limit: 1,
        per: "day",
        timezone: machineZone(),
        warnAt: [0.1, 0.9],
        use: [{ provider: "one", model: "small" }],
      },
    ]);
    expect(admin).toEqual({ hosts: [], session: 12 * 3_600_000 });
  });

  it.each([
    ["{ per: day }", "budgets[0].limit: `limit` is missing"],
    ["{ limit: 0 }", "expected US dollars: a number above 0"],
    ["{ limit: 1, per: hour }", "expected one of day, week, month"],
    ["{ limit: 1, timezone: Mars }", "expected the name of a zone"],
    ["{ limit: 1, which: one }", "a budget of `scope: all` counts everything"],
    ["{ limit: 1, scope: provider, which: [on] }", 'there is no provider "on". Did you mean "one"?'],
    ["{ limit: 1, warnAt: [2] }", "expected a share of the limit"],
    ["{ limit: 1, onExceeded: { use: [nowhere] } }", "expected provider,model"],
    ["{ limit: 1, onExceeded: stop }", "expected refuse, or a map with `use`"],
    ["{ limit: 1, name: /key x }", "begins with no slash"],
    ["{ limit: 1 }, { limit: 2 }", 'another budget of the name "all-month"'],
  ])("that are wrong are told with their place: %s", (budget, words) => {
    expect(() => testConfig(`${base}\nbudgets: [${budget}]`)).toThrow(words);
    expect(() => testConfig(`${base}\nbudgets: [${budget}]`)).toThrow(/switchyard\.yaml:5:\d+ /);
  });

  it("keep this machine's midnight in a container, whose clock is set to another", () => {
    const source = place(`${base}\nbudgets: [{ limit: 5 }]`).source();
    expect(containerConfig(source, { port: 3000 })).toMatch(new RegExp(`timezone: "?${machineZone()}`));
  });
});
