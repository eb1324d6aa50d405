import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { containerConfig, localSearch, referencedVariables } from "../../src/config/container.ts";
import { errorsOf, place } from "./support.ts";

describe("search", () => {
  test("is off where nothing is said", () => {
    const config = place("").load();
    expect(config.search).toBeUndefined();
    expect(config.notices.join("")).not.toContain("search");
  });

  test("takes the engine's own address, and a key of the environment, which is a secret", () => {
    const config = place('search: { provider: tavily, key: "${MINE}", timeout: 2s }\n').load({
      MINE: "tvly-0123456789",
    });
    expect(config.search).toEqual({
      provider: "tavily",
      baseUrl: "https://api.tavily.com",
      key: "tvly-0123456789",
      maxResults: 5,
      timeout: 2000,
    });
    expect(config.secrets).toContain("tvly-0123456789");
  });

  test("without its key is off, and a line says so; a key of the user's file of keys counts", () => {
    const here = place('search: { provider: brave, key: "${BRAVE_API_KEY}" }\n');
    const off = here.load();
    expect(off.search).toBeUndefined();
    expect(off.notices).toContain("Web search by brave is off: BRAVE_API_KEY is not set.");
    here.write("~/.config/switchyard/keys.env", "BRAVE_API_KEY=BSA0123456789\n");
    expect(here.load().search).toMatchObject({
      baseUrl: "https://api.search.brave.com",
      key: "BSA0123456789",
    });
  });

  test("by a SearXNG needs no key", () => {
    const { search } = place("search: { provider: searxng, baseUrl: 'http://127.0.0.1:8888/' }\n").load();
    expect(search).toMatchObject({ provider: "searxng", baseUrl: "http://127.0.0.1:8888", key: undefined });
  });

  test.each([
    ["search: { provider: searxng }\n", "`baseUrl` is missing: the address of your SearXNG"],
    ["search: { key: abc }\n", "`provider` is missing: tavily, brave or searxng."],
    ["search: { provider: google }\n", "expected one of tavily, brave, searxng."],
    ["search: { provider: searxng, baseUrl: 'ftp://x' }\n", "begins with http:// or https://"],
    ["search: { provider: searxng, baseUrl: 'http://u:p@x' }\n", "put the key into `key`"],
    ["search: { provider: tavily, keys: [x] }\n", 'unknown key "keys"'],
  ])("%j is told with its place", (text, words) => {
    const errors = errorsOf(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(words);
    expect(errors[0]).toMatch(/^config\/switchyard\.yaml:1:/);
  });

  test("reaches a container without its key, and a SearXNG of this machine by the gateway", () => {
    const written = place(
      "search: { provider: searxng, baseUrl: 'http://localhost:8888', key: written-out-key }\n",
    );
    const text = containerConfig(written.source(), { port: 3000 });
    expect(text).not.toContain("written-out-key");
    const { search } = parse(text) as { search: { baseUrl: string; key: string } };
    expect(search).toMatchObject({
      baseUrl: "http://host.docker.internal:8888",
      key: "${SWITCHYARD_LITERAL_SEARCH_KEY}",
    });
    expect(localSearch(written.source())).toBe("http://localhost:8888");
    const values = new Map(referencedVariables(written.source()).map(({ name, value }) => [name, value]));
    expect(values.get("SWITCHYARD_LITERAL_SEARCH_KEY")).toBe("written-out-key");
  });
});
