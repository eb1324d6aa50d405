/** Turns through a router of its own process, many at once, over all four forms, some of them by a second try: what was reported, and what was counted. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessDir, adminHeader, readMachineSecret } from "../../src/shared/access-files.ts";
import type { UsageAnswer } from "../../src/shared/usage.ts";
import { sandbox, untilPrinted } from "./cli.ts";
import { startProvider } from "./provider/server.ts";

export interface Sums {
  turns: number;
  input: number;
  cacheRead: number;
  output: number;
  /** Tenths of a millionth of a dollar: whole numbers, so that no sum is rounded. */
  tenths: number;
}

export interface Counted {
  /** By the providers' own account of each answer that went out whole. */
  readonly reported: ReadonlyMap<string, Sums>;
  /** By `GET /api/usage`, each of them by model and by session. */
  readonly ledger: ReadonlyMap<string, Sums>;
  readonly total: UsageAnswer["total"];
  /** US dollars by `GET /api/budgets`. */
  readonly spent: number;
  /** Tokens and turns by `GET /metrics`. */
  readonly metrics: { readonly turns: number; readonly tokens: number };
  /** Answers that a client got with another status than 200. */
  readonly refused: number;
}

const forms = {
  chat: "openai-chat",
  responses: "openai-responses",
  gemini: "gemini",
  messages: "anthropic",
} as const;
const names = Object.keys(forms);

/** By the million: 3 dollars in, 0.3 out of a cache, 15 out. */
const tenthsOf = ({ prompt, cached, completion }: ReturnType<typeof usageOf>): number =>
  (prompt - cached) * 30 + cached * 3 + completion * 150;

/** Another one for each turn. */
const usageOf = (turn: number): { prompt: number; cached: number; completion: number } => ({
  prompt: 1_000 + turn,
  cached: turn % 900,
  completion: 1 + (turn % 500),
});

const configuration = (url: string): string => {
  const base = (name: string): string => (name === "messages" ? url : `${url}/v1`);
  const failures = "failures: { tries: 3, breakAfter: 1000, wait: { first: 10ms, longest: 20ms } }";
  return `
providers:
${Object.entries(forms)
  .map(
    ([name, dialect]) =>
      `  ${name}: { dialect: ${dialect}, baseUrl: "${base(name)}", keys: [sk-${name}-0123456789], ${failures} }`,
  )
  .join("\n")}
routes: { default: "chat,m", background: , think: , longContext: , webSearch: }
models:
${names.map((name) => `  "${name},m": { price: { input: 3, output: 15, cacheRead: 0.3 } }`).join("\n")}
budgets: [{ name: all, limit: 1000000, per: month }]
`;
};

const add = (sums: Map<string, Sums>, name: string, turn: number): void => {
  const before = sums.get(name) ?? { turns: 0, input: 0, cacheRead: 0, output: 0, tenths: 0 };
  const used = usageOf(turn);
  sums.set(name, {
    turns: before.turns + 1,
    input: before.input + used.prompt - used.cached,
    cacheRead: before.cacheRead + used.cached,
    output: before.output + used.completion,
    tenths: before.tenths + tenthsOf(used),
  });
};

/** @param together turns under way at once */
export const countTurns = async ({
  turns,
  together,
}: {
  turns: number;
  together: number;
}): Promise<Counted> => {
  const box = sandbox();
  const failed = new Set<number>();
  const reported = new Map<string, Sums>();
  const provider = await startProvider(({ raw, url }) => {
    const turn = Number(/TURN:(\d+)/.exec(raw)?.[1]);
    // One in seven fails at first, and reports nothing.
    if (turn % 7 === 0 && !failed.has(turn)) {
      failed.add(turn);
      return { error: { status: 500, body: '{"error":{"message":"it broke"}}' } };
    }
    const name = names[turn % names.length]!;
    if (!raw.includes(`TURN:${turn}`)) throw new Error(`no turn in ${url}`);
    add(reported, `${name},m`, turn);
    add(reported, `s${turn % 10}`, turn);
    return { text: "Counted.", usage: usageOf(turn) };
  });
  const config = join(box.folder, "switchyard.yaml");
  writeFileSync(config, configuration(provider.url));
  const router = box.start(["router", "--config", config, "--port", "0"]);
  const ended = once(router, "close");
  try {
    router.stderr?.resume();
    const [, url] = await untilPrinted(router, "stdout", /^listening on (\S+)/m);
    let [next, refused] = [0, 0];
    const one = async (turn: number): Promise<void> => {
      const answer = await fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-claude-code-session-id": `s${turn % 10}` },
        body: JSON.stringify({
          model: `${names[turn % names.length]},m`,
          max_tokens: 64,
          stream: Math.floor(turn / names.length) % 2 === 0,
          messages: [{ role: "user", content: `TURN:${turn}` }],
        }),
      });
      await answer.text();
      if (answer.status !== 200) refused++;
    };
    const client = async (): Promise<void> => {
      while (next < turns) await one(next++);
    };
    await Promise.all(Array.from({ length: together }, client));

    const headers = { [adminHeader]: readMachineSecret(accessDir(box.state)) ?? "" };
    const get = async (path: string): Promise<string> => (await fetch(`${url}${path}`, { headers })).text();
    const ledger = new Map<string, Sums>();
    const answers = [];
    for (const by of ["model", "session"]) {
      const answer = JSON.parse(await get(`/api/usage?by=${by}`)) as UsageAnswer;
      answers.push(answer);
      for (const { name, turns: count, input, cacheRead, output, cost } of answer.rows)
        ledger.set(String(name), {
          turns: count,
          input,
          cacheRead,
          output,
          tenths: Math.round((cost ?? 0) * 1e7),
        });
    }
    const { budgets } = JSON.parse(await get("/api/budgets")) as { budgets: { spent: number }[] };
    const samples = [...(await get("/metrics")).matchAll(/^(switchyard_\w+)\{.*\} (\S+)$/gm)];
    const sumOf = (metric: string): number =>
      samples.reduce((sum, [, name, value]) => (name === metric ? sum + Number(value) : sum), 0);
    return {
      reported,
      ledger,
      total: answers[0]!.total,
      spent: budgets[0]?.spent ?? Number.NaN,
      metrics: { turns: sumOf("switchyard_turns_total"), tokens: sumOf("switchyard_tokens_total") },
      refused,
    };
  } finally {
    router.kill("SIGTERM");
    await ended;
    await provider.close();
    box.remove();
  }
};
