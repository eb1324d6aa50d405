/** Which targets a configuration uses, and where. */
import { expect, it } from "vitest";
import { targetName } from "../../src/config/types.ts";
import { usedTargets } from "../../src/config/used-targets.ts";
import { testConfig } from "../support/config.ts";

const used = (yaml: string): Record<string, readonly string[]> =>
  Object.fromEntries(
    usedTargets(testConfig(yaml)).flatMap(({ target, where }) =>
      target.provider === "a" ? [[targetName(target), where] as const] : [],
    ),
  );

it("a target is named once, with every place that it stands in; what a profile takes over counts for the configuration alone", () => {
  expect(
    used(`
providers: { a: { dialect: openai-chat, baseUrl: "http://127.0.0.1:9/v1", keys: [] } }
routes: { default: ["a,main", "a,*"], background: "a,main", webSearch: "a,search", think: , longContext: , image: }
aliases: { quick: "a,small" }
rules: [{ name: night, when: { tools: true }, use: ["a,small"] }]
profiles:
  blue: { models: { opus: "a,big", sonnet: ["a,blue", "a,main"] }, routes: { think: "a,deep" } }
budgets: [{ name: all, limit: 5, per: day, onExceeded: { use: "a,cheap" } }]
`),
  ).toEqual({
    "a,main": ["routes.background", "routes.default", "profiles.blue.models.sonnet"],
    "a,*": ["routes.default"],
    "a,search": ["routes.webSearch"],
    "a,small": ["aliases.quick", "rules.night"],
    "a,big": ["profiles.blue.models.opus"],
    "a,blue": ["profiles.blue.models.sonnet"],
    "a,deep": ["profiles.blue.routes.think"],
    "a,cheap": ["budgets.all"],
  });
});
