import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { containerConfig, providerSecrets, referencedVariables } from "../../src/config/container.ts";
import { parseActivation, parseDate, parseHours } from "../../src/config/hours.ts";
import type { ProviderConfig } from "../../src/config/types.ts";
import { errorsOf, place } from "./support.ts";

const file = "config/switchyard.yaml";
const openai = (fields: string): string => `providers:\n  x: { preset: openai, ${fields} }\n`;
const withKeys = (keys: string, more = ""): string => openai(`keys: [${keys}]${more}`);
const loaded = (text: string, env: Record<string, string> = {}): ProviderConfig =>
  place(text).load(env).providers.get("x")!;

describe("a key with terms of its own", () => {
  test("has them, and those that are not given are neutral", () => {
    const { keys } = loaded(
      withKeys(
        '"${A}", { key: "${B}", name: spare, priority: 10, weight: 2, hours: "mon-fri 09:00-18:00", timezone: Europe/Berlin, from: 2026-12-01, activate: "08:00", activateModel: small, requestsPerMinute: 60, tokensPerMinute: 200000, concurrent: 4, proxy: "http://127.0.0.1:8080/" }',
      ),
      { A: "sk-first-0123456789", B: "sk-second-0123456789" },
    );
    expect(keys).toMatchObject([
      { value: "sk-first-0123456789", label: "…6789", priority: 0, weight: 1, activate: [] },
      {
        value: "sk-second-0123456789",
        label: "spare",
        priority: 10,
        weight: 2,
        schedule: { hours: [{ days: [1, 2, 3, 4, 5], from: 540, to: 1080 }], timezone: "Europe/Berlin" },
        startsAt: Date.parse("2026-12-01T00:00:00+01:00"),
        activate: [{ days: [0, 1, 2, 3, 4, 5, 6], at: 480 }],
        activateModel: "small",
        requestsPerMinute: 60,
        tokensPerMinute: 200_000,
        concurrent: 4,
        proxy: "http://127.0.0.1:8080",
      },
    ]);
    expect(keys[0]?.schedule.hours).toEqual([]);
    expect(keys[0]?.startsAt).toBeUndefined();
    expect(keys.map(({ id }) => id).filter((id) => /^[0-9a-f]{12}$/.test(id))).toHaveLength(2);
  });

  test("keeps its id wherever it stands, and has another at another provider", () => {
    const env = { A: "sk-first-0123456789", B: "sk-second-0123456789" };
    const [first] = loaded(withKeys('"${A}"'), env).keys;
    const [, moved] = loaded(withKeys('"${B}", { key: "${A}", priority: 3 }'), env).keys;
    const other = place("providers: { y: { preset: openai, keys: ['${A}'] } }\n").load(env);
    expect(moved?.id).toBe(first?.id);
    expect(other.providers.get("y")?.keys[0]?.id).not.toBe(first?.id);
  });

  test("is dropped while its variable is unset, and the provider is disabled when none is left", () => {
    const text = withKeys('{ key: "${A}", name: one }, { key: "${B}", hours: "sat,sun", timezone: UTC }');
    expect(loaded(text, { B: "sk-second-0123456789" }).keys.map(({ label }) => label)).toEqual(["…6789"]);
    expect(loaded(text).disabled).toBe("none of A, B is set");
  });

  test("counts once where it stands twice; a short one, and two of the same ending, go by their place", () => {
    const env = { A: "sk-first-0123456789", B: "sk-second-0123456789", C: "short" };
    const labels = (keys: string): string[] => loaded(withKeys(keys), env).keys.map(({ label }) => label);
    expect(labels('"${A}", { key: "${A}", name: again }')).toEqual(["…6789"]);
    expect(labels('"${A}", "${B}", "${C}"')).toEqual(["#1", "#2", "#3"]);
  });

  test("is not in a container's configuration; its hours are, by the clock of this machine", () => {
    const source = place(
      withKeys(
        '{ key: written-out-key, name: mine, hours: "09:00-18:00" }, { key: "${B}", proxy: "http://localhost:8080" }, { key: "${B2}", proxy: "http://u:proxy-pass-1@h:1" }',
      ),
    ).source({ B: "sk-b", B2: "sk-b2" });
    const text = containerConfig(source, { port: 3000 });
    const { providers } = parse(text) as { providers: { x: { keys: Record<string, unknown>[] } } };
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(providers.x.keys).toEqual([
      {
        key: "${SWITCHYARD_LITERAL_PROVIDERS_X_KEYS_0_KEY}",
        name: "mine",
        hours: "09:00-18:00",
        timezone: zone,
      },
      { key: "${B}", proxy: "http://host.docker.internal:8080" },
      { key: "${B2}", proxy: "${SWITCHYARD_LITERAL_PROVIDERS_X_KEYS_2_PROXY}" },
    ]);
    expect(text).not.toContain("proxy-pass-1");
    const values = new Map(referencedVariables(source).map(({ name, value }) => [name, value]));
    expect(values.get("SWITCHYARD_LITERAL_PROVIDERS_X_KEYS_0_KEY")).toBe("written-out-key");
    expect(providerSecrets(source, "x").keys).toMatchObject([
      { variable: "SWITCHYARD_LITERAL_PROVIDERS_X_KEYS_0_KEY", value: "written-out-key" },
      { variable: "B" },
      { variable: "B2" },
    ]);
  });

  test("is a secret, and so is a proxy's password; its name and its hours are none", () => {
    const { secrets } = place(
      withKeys('{ key: "${A}", name: spare, hours: "sat,sun" }', ', proxy: "http://u:proxy-pass-1@h:1"'),
    ).load({ A: "sk-first-0123456789" });
    expect(secrets).toEqual(expect.arrayContaining(["sk-first-0123456789", "proxy-pass-1"]));
    expect(secrets.filter((secret) => ["spare", "sat,sun"].includes(secret))).toEqual([]);
  });

  test("says by which clock its hours go, and what has no effect", () => {
    const notices = (keys: string): string[] =>
      place(withKeys(keys))
        .load({ A: "a", B: "b" })
        .notices.filter((line) => line.includes("keys["));
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(notices('{ key: "${A}", hours: "22:00-06:00" }')).toEqual([
      `providers.x.keys[0] goes by this machine's zone, ${zone}; \`timezone\` names another.`,
    ]);
    expect(notices('"${A}", { key: "${B}", timezone: UTC, activateModel: m }')).toEqual([
      "providers.x.keys[1].timezone has no effect without hours, from or activate.",
      "providers.x.keys[1].activateModel has no effect without activate.",
    ]);
    expect(notices('{ key: "${A}", hours: "sat", timezone: UTC }')).toEqual([]);
  });

  const wrong: [name: string, key: string, message: string][] = [
    ["a map without a key", "{ name: a }", 'providers.x.keys[0]: `key` is missing: "${VARIABLE}".'],
    [
      "hours that are none",
      '{ key: a, hours: "9 to 5", timezone: UTC }',
      "providers.x.keys[0].hours: found no days and hours, expected mon-fri 09:00-18:00, or 22:00-06:00.",
    ],
    [
      "a zone that is none",
      '{ key: a, hours: "sat", timezone: Europe/Berln }',
      "providers.x.keys[0].timezone: found no zone that is known, expected a name as Europe/Berlin or UTC.",
    ],
    [
      "a date that is none",
      "{ key: a, from: 2026-02-30, timezone: UTC }",
      "providers.x.keys[0].from: found no date, expected 2026-12-01, or 2026-12-01 09:00.",
    ],
    [
      "a call without its model",
      '{ key: a, activate: "08:00", timezone: UTC }',
      "providers.x.keys[0]: `activateModel` is missing: the provider's id of a small model, for the call at `activate`.",
    ],
    [
      "two keys of one name",
      "{ key: a, name: n }, { key: b, name: n }",
      "providers.x.keys[1].name: another key of this provider has the same name.",
    ],
    [
      "a proxy that is none",
      "{ key: a, proxy: somewhere }",
      "providers.x.keys[0].proxy: found a text that is no address of a proxy, expected http://host:port or https://host:port.",
    ],
    [
      "a priority that is none",
      "{ key: a, priority: high }",
      'providers.x.keys[0].priority: found "high", expected a priority: a whole number from -1000 to 1000.',
    ],
  ];
  test.each(wrong)("%s is told with its place", (_, key, message) => {
    const lines = errorsOf(withKeys(key));
    expect(lines.map((line) => line.replace(/^(\S+?):\d+:\d+ /, "$1 "))).toEqual([`${file} ${message}`]);
  });

  test("an option that is not known is told with those that are, and never with the key", () => {
    const lines = errorsOf(withKeys("{ key: sk-secret-0123456789, priorty: 1 }"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('unknown key "priorty". Did you mean "priority"?');
    expect(lines[0]).not.toContain("sk-secret");
  });
});

describe("hours", () => {
  const all = [0, 1, 2, 3, 4, 5, 6];
  test.each([
    ["mon-fri 09:00-18:00", [{ days: [1, 2, 3, 4, 5], from: 540, to: 1080 }]],
    ["22:00-06:00", [{ days: all, from: 1320, to: 360 }]],
    ["sat,sun", [{ days: [0, 6], from: 0, to: 1440 }]],
    ["Friday - Monday 00:00-24:00", [{ days: [0, 1, 5, 6], from: 0, to: 1440 }]],
    ["18:00-00:00", [{ days: all, from: 1080, to: 1440 }]],
    [
      "mon,wed 08:00-12:00 13:00-17:00; sat 10:00-14:00",
      [
        { days: [1, 3], from: 480, to: 720 },
        { days: [1, 3], from: 780, to: 1020 },
        { days: [6], from: 600, to: 840 },
      ],
    ],
  ])("%s", (text, spans) => {
    expect(parseHours(text)).toEqual(spans);
  });
  test.each([
    "",
    "9-5",
    "09:00",
    "09:00-09:00",
    "24:00-06:00",
    "25:00-26:00",
    "m 09:00-10:00",
    "mon-tue-wed",
    "daily",
  ])("%j is none", (text) => {
    expect(parseHours(text)).toBeUndefined();
  });

  test("times of a call may name days, and must name a time", () => {
    expect(parseActivation("mon-fri 08:00, 13:30")).toEqual([
      { days: [1, 2, 3, 4, 5], at: 480 },
      { days: [1, 2, 3, 4, 5], at: 810 },
    ]);
    expect(parseActivation("sat")).toBeUndefined();
    expect(parseActivation("24:00")).toBeUndefined();
  });
});

describe("a date by the clock of a zone", () => {
  test.each([
    ["2026-12-01", "UTC", "2026-12-01T00:00:00Z"],
    ["2026-12-01", "Europe/Berlin", "2026-12-01T00:00:00+01:00"],
    ["2026-07-01 09:30", "Europe/Berlin", "2026-07-01T09:30:00+02:00"],
    ["2026-01-01", "Pacific/Kiritimati", "2025-12-31T10:00:00Z"],
    // The clocks go forward at 02:00: the time is left out.
    ["2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:00:00Z"],
    // They go back at 03:00: of two, the first.
    ["2026-10-25 02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"],
    // Midnight itself is left out in some zones.
    ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"],
  ])("%s in %s", (text, zone, instant) => {
    expect(new Date(parseDate(text, zone) ?? Number.NaN).toISOString()).toBe(new Date(instant).toISOString());
  });
  test.each(["2026-13-01", "2026-02-29", "tomorrow", "2026-12-01 25:00"])("%s is none", (text) => {
    expect(parseDate(text, "UTC")).toBeUndefined();
  });
});

describe("what is done about failures", () => {
  test("has defaults, of which each can be set", () => {
    expect(loaded(withKeys('"${A}"'), { A: "a" })).toMatchObject({
      keyStrategy: "fill-first",
      affinity: true,
      proxy: undefined,
      failures: {
        tries: 3,
        wait: { first: 500, longest: 8000 },
        breakAfter: 5,
        rest: { first: 10_000, longest: 600_000 },
        rules: [],
      },
    });
    const text = openai(
      'keys: [], keyStrategy: least-busy, affinity: false, proxy: "http://p:1", timeouts: { total: 2h }, failures: { tries: 1, wait: { first: 20s }, rest: { longest: 5s }, rules: [{ status: [409, "5xx", "500-504"], words: "try (again|later)", as: rateLimited }, { words: x, then: next-target, wait: 5s }] }',
    );
    const { failures, timeouts, ...rest } = loaded(text);
    expect(rest).toMatchObject({ keyStrategy: "least-busy", affinity: false, proxy: "http://p:1" });
    expect(timeouts.total).toBe(7_200_000);
    expect(failures).toEqual({
      tries: 1,
      wait: { first: 20_000, longest: 20_000 },
      breakAfter: 5,
      rest: { first: 5000, longest: 5000 },
      rules: [
        {
          statuses: [
            [409, 409],
            [500, 599],
            [500, 504],
          ],
          words: /try (again|later)/i,
          as: "rateLimited",
          step: undefined,
          wait: undefined,
        },
        { statuses: [], words: /x/i, as: undefined, step: "next-target", wait: 5000 },
      ],
    });
  });

  test.each([
    ["tries: 0", "failures.tries: found 0, expected a number of calls: a whole number from 1 to 20."],
    ["rules: [{ as: quota }]", "failures.rules[0]: neither `status` nor `words` is there"],
    ["rules: [{ status: 500 }]", "failures.rules[0]: neither `as` nor `then` is there"],
    [
      "rules: [{ status: 7, as: quota }]",
      'failures.rules[0].status: found 7, expected a status, as 429, or "5xx"',
    ],
    ["rules: [{ status: 504-500, as: quota }]", "found 504-500, expected the smaller status first."],
    [
      "rules: [{ words: '(', as: quota }]",
      "failures.rules[0].words: found a text that is no regular expression",
    ],
    ["rules: [{ words: a, as: ratelimited }]", 'Did you mean "rateLimited"?'],
    ["rules: [always]", 'failures.rules[0]: found "always", expected a map with `status` or `words`'],
    ["rules: [{ status: [x], as: quota }]", 'failures.rules[0].status[0]: found "x", expected a status'],
    ["wait: { first: 9s, longest: 1s }", "failures.wait.first: is longer than `longest`"],
  ])("%s is told with its place", (failures, message) => {
    const lines = errorsOf(openai(`keys: [], failures: { ${failures} }`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(message);
    expect(lines[0]).toMatch(/^config\/switchyard\.yaml:2:\d+ providers\.x\./);
  });
});

test("a route says how its first target is chosen; without a word it is the first of the list", () => {
  const { routes } = place(
    'routes: { default: ["demo,a", "demo,b"], background: { use: ["demo,a", "demo,b"], choose: fastest } }\n',
  ).load();
  expect([routes.default.choose, routes.background?.choose]).toEqual(["order", "fastest"]);
  expect(errorsOf('routes: { think: { use: "demo,a", choose: best } }\n')[0]).toContain(
    "expected one of order, fastest, cheapest",
  );
});
