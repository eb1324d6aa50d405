import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, errorsOf, place } from "./support.ts";

const file = "config/switchyard.yaml";

describe("a mistake is told with file, line, column, what was found and what is allowed", () => {
  const cases: [name: string, text: string, ...lines: string[]][] = [
    [
      "an unknown key, with the nearest known one",
      "sever: {}\n",
      `${file}:1:1 unknown key "sever". Did you mean "server"? Known here: server, log, providers, routes, profiles, rules, rulesScript, rulesScriptTimeout, aliases, models, search, telemetry, ledger, capture, budgets, admin, stack.`,
    ],
    [
      "an unknown key inside a map",
      "server:\n  prot: 1\n",
      `${file}:2:3 server: unknown key "prot". Did you mean "port"? Known here: host, port, clientKeys, countTokens, bodyLimit, headerHold, pingInterval, drain, waitForRest, retryBudget, resume, requestTimeout, stallTimeout, workers.`,
    ],
    [
      "a wrong type",
      "server:\n  bodyLimit: [1]\n",
      `${file}:2:14 server.bodyLimit: found a list, expected a size, as "32mb" or a number of bytes.`,
    ],
    [
      "a port that is none",
      "server: { port: 70000 }\n",
      `${file}:1:17 server.port: found 70000, expected a port: a whole number from 0 to 65535.`,
    ],
    [
      "a number of workers that is none",
      "server: { workers: many }\n",
      `${file}:1:20 server.workers: found "many", expected a whole number from 1 to 64, or auto.`,
    ],
    [
      "a value that is not one of the allowed",
      "log: { level: inf }\n",
      `${file}:1:15 log.level: found "inf", expected one of trace, debug, info, warn, error, silent. Did you mean "info"?`,
    ],
    [
      "a duration that is none",
      "server: { pingInterval: soon }\n",
      `${file}:1:25 server.pingInterval: found "soon", expected a duration, as "10s", "500ms" or a number of milliseconds.`,
    ],
    [
      "an unknown dialect",
      "providers:\n  mine: { dialect: opnai-chat, baseUrl: 'http://127.0.0.1:1/v1', keys: [] }\n",
      `${file}:2:20 providers.mine.dialect: found "opnai-chat", expected one of anthropic, openai-chat, openai-responses, gemini, demo. Did you mean "openai-chat"?`,
    ],
    [
      "neither a preset nor a dialect",
      "providers:\n  mine: { keys: [] }\n",
      `${file}:2:3 providers.mine: found neither \`preset\` nor \`dialect\`, expected one of them.`,
    ],
    [
      "a base URL that is none",
      "providers:\n  mine: { dialect: openai-chat, baseUrl: example, keys: [] }\n",
      `${file}:2:42 providers.mine.baseUrl: found "example", expected a URL, as https://api.example.com/v1.`,
    ],
    [
      "a base URL of another protocol",
      "providers:\n  mine: { dialect: openai-chat, baseUrl: 'ftp://example', keys: [] }\n",
      `${file}:2:42 providers.mine.baseUrl: found "ftp://example", expected a URL that begins with http:// or https://.`,
    ],
    [
      "a base URL that has the endpoint in it already",
      "providers:\n  mine: { dialect: openai-chat, baseUrl: 'http://h/v1/chat/completions', keys: [] }\n",
      `${file}:2:42 providers.mine.baseUrl: found "http://h/v1/chat/completions", expected it without /chat/completions at the end: /chat/completions is added to it.`,
    ],
    [
      "Google's address in OpenAI's form, for its own form",
      "providers:\n  mine: { preset: gemini, baseUrl: 'http://h/v1beta/openai', keys: [] }\n",
      `${file}:2:36 providers.mine.baseUrl: found "http://h/v1beta/openai", expected it without /openai at the end: /models/… is added to it.`,
    ],
    [
      "an anthropic base URL that ends in /v1",
      "providers:\n  mine: { dialect: anthropic, baseUrl: 'http://h/v1', keys: [] }\n",
      `${file}:2:40 providers.mine.baseUrl: found "http://h/v1", expected it without /v1 at the end: /v1/messages is added to it.`,
    ],
    [
      "no keys, and no word that none are needed",
      "providers:\n  mine: { dialect: openai-chat, baseUrl: 'http://h/v1' }\n",
      `${file}:2:3 providers.mine: \`keys\` is missing: ["\${VARIABLE}"], or [] where none is needed.`,
    ],
    [
      "keys beside auth: passthrough",
      "providers:\n  anthropic: { keys: ['${K}'] }\n",
      `${file}:2:22 providers.anthropic.keys: \`auth: passthrough\` forwards the client's own key; remove \`keys\`, or set \`auth: key\`.`,
    ],
    [
      "provider names that differ only in letter case",
      "providers:\n  OpenRouter: { preset: openrouter }\n",
      `${file}:2:3 providers.OpenRouter: the name differs only in letter case from "openrouter" (config/default.yaml:47); write it the same, or choose another name.`,
    ],
    [
      "a target without a comma",
      "routes:\n  default: gemini-2.5-pro\n",
      `${file}:2:12 routes.default: found "gemini-2.5-pro", expected provider,model (with a comma).`,
    ],
    [
      "a provider alone as a target",
      "routes:\n  default: [demo]\n",
      `${file}:2:13 routes.default[0]: found "demo", the name of a provider alone, expected provider,model (with a comma).`,
    ],
    [
      "an alias as a target",
      "routes:\n  default: qwen-coder\n",
      `${file}:2:12 routes.default: found "qwen-coder", an alias; a target is expected here: "openrouter,qwen/qwen3-coder-plus".`,
    ],
    [
      "a target that names an unknown provider",
      "routes:\n  think:\n    use:\n      - demo,echo\n      - opnrouter,x/y\n",
      `${file}:5:9 routes.think.use[1]: found "opnrouter,x/y": there is no provider "opnrouter". Did you mean "openrouter"? Known: openrouter, gemini, anthropic, local, demo.`,
    ],
    [
      "a target without a model",
      "routes: { default: 'demo,' }\n",
      `${file}:1:20 routes.default: found "demo,", expected a model after the comma.`,
    ],
    [
      "an empty route",
      "routes:\n  default: []\n",
      `${file}:2:12 routes.default: found an empty list, expected a target; to unset the route write \`default:\` and nothing behind it.`,
    ],
    [
      "no default route",
      "routes:\n  default:\n",
      `${file}:2:3 routes: \`default\` is missing: a target, or a list of targets.`,
    ],
    [
      "an unknown route",
      "routes:\n  bakground: demo,echo\n",
      `${file}:2:3 routes: unknown key "bakground". Did you mean "background"? Known here: longContext, subagent, background, webSearch, image, think, opus, sonnet, haiku, fable, default, tierFirst.`,
    ],
    [
      "a threshold where none belongs",
      "routes:\n  think: { use: 'demo,echo', threshold: 3 }\n",
      `${file}:2:30 routes.think: unknown key "threshold". Known here: use, choose, minEffort.`,
    ],
    [
      "an alias to an unknown provider",
      "aliases: { fast: 'grok,x' }\n",
      `${file}:1:18 aliases.fast: found "grok,x": there is no provider "grok". Known: openrouter, gemini, anthropic, local, demo.`,
    ],
    [
      "an alias that could be read as a target",
      "aliases: { 'a,b': 'demo,echo' }\n",
      `${file}:1:12 aliases: found the name "a,b", expected one word without a comma.`,
    ],
    [
      "a variable that is not set",
      "providers:\n  mine: { dialect: anthropic, baseUrl: '${MY_URL}', keys: [] }\n",
      `${file}:2:40 providers.mine.baseUrl: the variable MY_URL is not set; set it, or give a default: \${MY_URL:-value}`,
    ],
    [
      "a reference that is not complete",
      "stack: { project: '${OOPS' }\n",
      `${file}:1:19 stack.project: found a reference that is not complete, expected \${NAME} or \${NAME:-default} ($\${ is a literal \${)`,
    ],
    [
      "a key that stands twice",
      "log: {}\nserver: {}\nlog: {}\n",
      `${file}:3:1 the key "log" stands twice in the same map.`,
    ],
    ["a file that is not a map", "- a\n- b\n", `${file}:1:1 found a list, expected a map (key: value)`],
    [
      "a version without quotes",
      "stack: { client: { version: 2.1 } }\n",
      `${file}:1:29 stack.client.version: found 2.1, expected a version in quotes, as "2.1.329".`,
    ],
    [
      "a model of an unknown provider",
      "models: { 'opnrouter,x': { context: 5 } }\n",
      `${file}:1:11 models: found "opnrouter,x": there is no provider "opnrouter". Did you mean "openrouter"? Known: openrouter, gemini, anthropic, local, demo.`,
    ],
  ];
  test.each(cases)("%s", (_name, text, ...lines) => {
    expect(errorsOf(text)).toEqual(lines);
  });

  test("broken YAML names the line, and nothing else of that file is judged", () => {
    expect(errorsOf("server: { port: 1\nsever: 3\n")).toEqual([
      expect.stringMatching(/^config\/switchyard\.yaml:2:\d+ not valid YAML: /),
    ]);
  });

  test("a preset that does not exist, with the nearest", () => {
    const [line, ...rest] = errorsOf("providers: { a: { preset: openruter } }\n");
    expect(rest).toEqual([]);
    expect(line).toMatch(
      /^config\/switchyard\.yaml:1:27 providers\.a\.preset: there is no preset "openruter"\. Did you mean "openrouter"\? Known: anthropic, openai, /,
    );
  });

  test("a mistake in the file of presets is told there, even where nobody uses the preset", () => {
    const here = place();
    here.write("config/providers.yaml", "mine:\n  dialect: anthropic\n  quirk: {}\n");
    here.write("config/switchyard.yaml", "");
    const error = errorOf(() => here.load());
    expect(error.detail).toContain(
      'config/providers.yaml:3:3 mine: unknown key "quirk". Did you mean "quirks"?',
    );
  });

  test("a file that is named and not there", () => {
    const error = errorOf(() => place().load({}, { file: "/nonexistent/switchyard.yaml" }));
    expect([error.code, error.detail, error.exitStatus]).toEqual([
      "config.unreadable",
      "/nonexistent/switchyard.yaml (ENOENT)",
      2,
    ]);
  });
});

describe("all mistakes come in one message, each once", () => {
  test("in the order of the file, however different they are", () => {
    const lines = errorsOf(
      [
        "sever: {}",
        "server: { port: -1, drain: soon }",
        "providers:",
        "  a: { preset: nope }",
        "  b: { dialect: openai-chat, baseUrl: 'x', keys: [7] }",
        "routes: { default: ['a', 'zz,b', 'zz,b'], think: { minEffort: hi } }",
        "aliases: { c: 'zz,x' }",
      ].join("\n"),
    );
    expect(lines.map((line) => /^config\/switchyard\.yaml:(\d+:\d+)/.exec(line)?.[1])).toEqual([
      "1:1",
      "2:17",
      "2:28",
      "4:16",
      "5:39",
      "5:51",
      "6:21",
      "6:26",
      "6:34",
      "6:63",
      "7:15",
    ]);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test("a provider with a mistake is not also said to be unknown", () => {
    const lines = errorsOf(
      "providers: { mine: { dialect: anthropic, baseUrl: nope, keys: [] } }\nroutes: { default: 'mine,x' }\n",
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("providers.mine.baseUrl");
  });
});

describe("a file of claude-code-router is answered with the names of here", () => {
  test("Providers, Router and what is in them", () => {
    const text = JSON.stringify(
      {
        Providers: [{ name: "x", api_base_url: "http://h", api_key: "k" }],
        Router: { default: "x,y" },
        HOST: "0.0.0.0",
        APIKEY: "abc",
      },
      null,
      2,
    );
    const lines = errorsOf(text);
    expect(lines.map((line) => line.replace(/ Known here.*/, ""))).toEqual([
      `${file}:2:3 unknown key "Providers". It is called \`providers\` here, a map by name: \`openrouter: { preset: openrouter }\`.`,
      `${file}:9:3 unknown key "Router". It is called \`routes\` here (default, background, think, longContext, webSearch, image).`,
      `${file}:12:3 unknown key "HOST". It is called \`server.host\` here.`,
      `${file}:13:3 unknown key "APIKEY". Keys are called \`keys\` (of a provider) and \`server.clientKeys\` (of clients) here, lists: ["\${VARIABLE}"].`,
    ]);
  });

  test("fields of a provider", () => {
    const lines = errorsOf("providers: { mine: { preset: openai, api_base_url: x, api_key: y } }\n");
    expect(lines[0]).toContain("It is called `baseUrl` here");
    expect(lines[1]).toContain("It is called `keys` here");
  });
});

describe("no message shows a key", () => {
  const key = fc.stringMatching(/^[A-Za-z0-9]{20,40}$/).map((tail) => `sk-${tail}`);
  const places: ((value: string) => string)[] = [
    (value) => `server: { clientKeys: ${value} }\n`,
    (value) => `server: { port: ${value}, host: ${value} }\nsevr: 1\n`,
    (value) => `providers: { mine: { preset: openai, keys: ${value} } }\n`,
    (value) => `providers: { mine: { preset: openai, keys: [{ a: ${value} }], api_key: ${value} } }\n`,
    (value) => `providers: { mine: { preset: openai, keyHeader: ${value} } }\n`,
    (value) => `providers: { mine: { preset: openai, headers: ${value} } }\n`,
    (value) =>
      `providers: { mine: { dialect: openai-chat, keys: [], baseUrl: "https://user:${value}@host/v1" } }\n`,
    (value) => `providers: { mine: ${value} }\n`,
    (value) => `providers: { mine: { preset: ${value} } }\n`,
    (value) => `routes: { default: ${value} }\naliases: { a: "${value},x" }\n`,
    (value) => `routes: { default: ["nope,${value}", "${value}"] }\n`,
    (value) => `${value}: 1\n`,
    (value) => `${value}\n`,
    (value) => `providers: { a: "${value}\n`,
    (value) => `a: [1\nkeys: ${value}\n  ${value}: - ${value}\n`,
    () => 'server: { port: "${SECRET}", host: "${SECRET}" }\nlog: { level: "${SECRET}" }\n',
    () => 'providers: { mine: { dialect: openai-chat, keys: [], baseUrl: "${SECRET}" } }\n',
    () => 'routes: { default: "${SECRET}" }\naliases: { a: "${SECRET},${SECRET}" }\n',
    () => 'providers: { mine: { preset: "${SECRET}" } }\nstack: { project: "${SECRET}" }\n',
  ];
  test("what came out of a variable is not shown, whatever it looks like", () => {
    const word = fc.stringMatching(/^[b-df-hj-np-tv-xz]{8,20}$/);
    fc.assert(
      fc.property(word, fc.nat(3), (value, which) => {
        const error = errorOf(() => place(places.at(-1 - which)?.(value)).load({ SECRET: value }));
        expect(error.message).not.toContain(value);
      }),
      { numRuns: 30 },
    );
  });

  test("wherever it stands, written out or by a variable", () => {
    fc.assert(
      fc.property(key, fc.nat(places.length - 1), (value, which) => {
        const text = places[which]?.(value) ?? "";
        const error = errorOf(() => place(text).load({ SECRET: value }));
        expect(`${error.message} ${error.hint}`).not.toContain(value);
        expect(String(error.stack)).not.toContain(value);
      }),
      { numRuns: 60 },
    );
  });
});
