/** Which providers `switchyard doctor` asks after. */
import { expect, it } from "vitest";
import { usedProviders } from "../../src/cli/doctor/used.ts";
import { testConfig } from "../support/config.ts";

const routes =
  "routes: { default: 'demo,x', background: , think: , longContext: , webSearch: , image: }\naliases: { qwen-coder: }\n";
const used = (yaml: string, env?: Record<string, string>): string[] =>
  usedProviders({ config: testConfig(routes + yaml, env) }).map(({ name }) => name);

it("those of the user's own profiles, with and without a key; of the tracked ones those that have a key", () => {
  expect(used("")).toEqual(["demo"]);
  expect(used("", { ZAI_API_KEY: "sk-zai-0123456789" })).toEqual(["demo", "zai"]);
  expect(used("profiles: { own: { models: { sonnet: 'openrouter,some/model' } } }")).toEqual([
    "demo",
    "openrouter",
  ]);
});
