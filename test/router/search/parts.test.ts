/** Domains and addresses: what counts as a page of a domain, and what as naming a page. */
import { describe, expect, test } from "vitest";
import { namesAddress } from "../../../src/router/dialects/shared/search-blocks.ts";
import { searchToolOf } from "../../../src/router/dialects/shared/search-tool.ts";
import { domainFilter, withSites } from "../../../src/router/dialects/shared/search-domains.ts";

const passes = (allowedDomains: string[], blockedDomains: string[], url: string): boolean =>
  domainFilter({ allowedDomains, blockedDomains })(url);

describe("a list of domains", () => {
  test.each([
    ["example.com", "https://example.com/", true],
    ["example.com", "https://docs.example.com/a?b#c", true],
    ["example.com", "https://EXAMPLE.com/", true],
    ["Example.com", "https://example.com:8443/", true],
    ["example.com", "https://badexample.com/", false],
    ["example.com", "https://example.com.evil.net/", false],
    ["https://example.com/", "https://example.com/x", true],
    ["example.com/blog", "https://example.com/blog", true],
    ["example.com/blog", "https://example.com/blog/post", true],
    ["example.com/blog", "https://example.com/blogs", false],
    ["example.com/*/docs", "https://example.com/en/docs/a", true],
    ["example.com/*/docs", "https://example.com/en/de/docs", false],
    ["a.b+c.com", "https://aXb+c.com/", false],
  ])("%s and %s: %j", (domain, url, expected) => {
    expect(passes([domain], [], url)).toBe(expected);
    expect(passes([], [domain], url)).toBe(!expected);
  });

  test("without any, every page of the web passes, and nothing else", () => {
    expect(passes([], [], "https://anything.example/")).toBe(true);
    for (const other of ["javascript:alert(1)", "file:///etc/passwd", "not an address", ""])
      expect(passes([], [], other)).toBe(false);
  });

  test("becomes words of a query", () => {
    const lists = { allowedDomains: ["a.example", "b.example/blog"], blockedDomains: [] };
    expect(withSites("q", lists)).toBe("q (site:a.example OR site:b.example/blog)");
    expect(withSites("q", { allowedDomains: [], blockedDomains: ["c.example"] })).toBe("q -site:c.example");
    expect(withSites("q", { allowedDomains: [], blockedDomains: [] })).toBe("q");
  });
});

test.each([
  ["see https://a.example/x.", "https://a.example/x", true],
  ["see [A](https://a.example/x) there", "https://a.example/x", true],
  ["see https://a.example", "https://a.example/", true],
  ["see https://a.example/ and", "https://a.example", true],
  ["see https://a.example/xyz", "https://a.example/x", false],
  ["see https://a.example/x/y", "https://a.example/x", false],
  ["see https://a.example/x-y, https://a.example/x", "https://a.example/x", true],
  ["see https://a.example/x.html", "https://a.example/x", false],
  ["nothing", "https://a.example/x", false],
])("%j names %s: %j", (text, url, expected) => {
  expect(namesAddress(text, url)).toBe(expected);
});

describe("the search tool of a request", () => {
  const asked = (tools: unknown, more: object = {}) =>
    searchToolOf({ model: "m", messages: [], tools: tools as never, ...more });

  test("is told by its type, whatever else the client sends", () => {
    expect(asked([{ type: "web_search_20260209", name: "web_search" }])?.maxUses).toBe(8);
    for (const tools of [
      undefined,
      [],
      [null],
      [{ name: "web_search" }],
      [{ type: 7 }],
      [{ type: "custom", name: "web_search" }],
    ])
      expect(asked(tools)).toBeUndefined();
  });

  test("takes no nonsense for bounds, lists and places", () => {
    const tool = { type: "web_search_20250305", name: "web_search" };
    expect(
      asked([{ ...tool, max_uses: -1, allowed_domains: "x", blocked_domains: [1, " "], user_location: [] }]),
    ).toEqual({ name: "web_search", maxUses: 8, allowedDomains: [], blockedDomains: [], location: {} });
    expect(asked([tool], { tool_choice: { type: "none" } })).toBeUndefined();
  });
});
