/** Workers of a router are killed while turns end; the router stays, and what it has counted must be right. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessDir, adminHeader, readMachineSecret } from "../../../src/shared/access-files.ts";
import type { TurnsAnswer } from "../../../src/router/ledger/queries.ts";
import type { UsageAnswer } from "../../../src/shared/usage.ts";
import { sandbox, until, untilPrinted } from "../../support/cli.ts";
import { startProvider } from "../../support/provider/server.ts";
import { sawEnd } from "./killed-ledger.ts";

export interface KilledWorkers {
  /** Sessions of the turns whose end a client saw; each turn has one of its own. */
  readonly seen: ReadonlySet<string>;
  /** Sessions that the ledger knows, with their turns. */
  readonly kept: ReadonlyMap<string, number>;
  /** US dollars: of the ledger, and of the budget. */
  readonly ledger: number;
  readonly budget: number;
  /** Workers that were killed, and those that serve at the end. */
  readonly killed: readonly number[];
  readonly serving: readonly number[];
  /** How the router ended when it was asked to. */
  readonly status: number | null;
}

/** Clients that ask one turn after the other. */
const together = 8;
const workers = 2;

/** @param router process id */
const workersOf = (router: number): number[] =>
  spawnSync("pgrep", ["-P", String(router), "-f", "worker-main"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line !== "")
    .map(Number);

/** @param kills how many workers; each right behind an end that a client saw. */
export const killWorkers = async (kills: number): Promise<KilledWorkers> => {
  const box = sandbox();
  // A dollar by the price below.
  const provider = await startProvider(() => ({
    text: "Some words of an answer that is streamed.",
    usage: { prompt: 1_000, completion: 0 },
  }));
  const seen = new Set<string>();
  const killed: number[] = [];
  const file = join(box.folder, "switchyard.yaml");
  writeFileSync(
    file,
    `
server: { workers: ${workers} }
providers: { a: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [sk-a-0123456789] } }
routes: { default: "a,m", background: , think: , longContext: , webSearch: }
models: { "a,m": { price: { input: 1000, output: 0 } } }
budgets: [{ name: all, limit: 100000, per: month }]
`,
  );
  const router = box.start(["router", "--config", file, "--port", "0"]);
  const gone = once(router, "exit");
  let log = "";
  router.stderr!.setEncoding("utf8").on("data", (text: string) => (log += text));
  try {
    const [, url] = await untilPrinted(router, "stdout", /^listening on (\S+)/m);
    let turn = 0;
    const stop = new AbortController();
    const client = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const session = `turn-${turn++}`;
        if (await sawEnd(url!, session, turn % 3 !== 0)) seen.add(session);
      }
    };
    const clients = Array.from({ length: together }, client);
    for (let kill = 0; kill < kills; kill++) {
      const ends = seen.size;
      await until(() => seen.size > ends + (kill % together), "an end", 60_000);
      const all = workersOf(router.pid!).filter((pid) => !killed.includes(pid));
      const victim = all[kill % all.length]!;
      process.kill(victim, "SIGKILL");
      killed.push(victim);
      await until(() => log.split('"worker.replaced"').length > kill + 1, "another worker", 60_000);
    }
    stop.abort();
    await Promise.all(clients);
    const headers = { [adminHeader]: readMachineSecret(accessDir(box.state)) ?? "" };
    const get = async <Answer>(path: string): Promise<Answer> =>
      (await (await fetch(`${url}${path}`, { headers })).json()) as Answer;
    const usage = await get<UsageAnswer>("/api/usage");
    const cost = usage.total.cost ?? 0;
    const spent = async (): Promise<number> =>
      (await get<{ budgets: { spent: number }[] }>("/api/budgets")).budgets[0]?.spent ?? 0;
    // What a killed worker could not tell is looked up a moment later.
    let budget = await spent();
    for (let tries = 0; budget < cost && tries < 50; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      budget = await spent();
    }
    const kept = new Map<string, number>();
    for (let after: string | null = ""; after !== null;) {
      const page: TurnsAnswer = await get(`/api/turns?limit=1000${after && `&after=${after}`}`);
      for (const { session } of page.turns) kept.set(String(session), (kept.get(String(session)) ?? 0) + 1);
      after = page.next;
    }
    const serving = workersOf(router.pid!);
    router.kill("SIGTERM");
    const [status] = (await gone) as [number | null];
    return { seen, kept, ledger: cost, budget, killed, serving, status };
  } finally {
    router.kill("SIGKILL");
    await gone;
    await provider.close();
    box.remove();
  }
};
