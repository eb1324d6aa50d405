/** The router is killed while turns end; what its clients saw the end of must be in the ledger. */
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readUsage } from "../../../src/router/ledger/offline.ts";
import type { UsageAnswer } from "../../../src/shared/usage.ts";
import { sandbox, untilPrinted } from "../../support/cli.ts";
import { startProvider } from "../../support/provider/server.ts";

export interface KilledLedger {
  /** Sessions of the turns whose end a client saw; each turn has one of its own. */
  readonly seen: ReadonlySet<string>;
  /** Sessions that the ledger knows, with their turns. */
  readonly kept: ReadonlyMap<string, number>;
  /** What SQLite says of its own file. */
  readonly integrity: string;
}

/** Turns that are under way at once. */
const together = 8;

/** Asks and reads to the end. @returns whether the end of the answer was there */
export const sawEnd = async (url: string, session: string, stream: boolean): Promise<boolean> => {
  try {
    const answer = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-claude-code-session-id": session },
      body: JSON.stringify({
        model: "m",
        max_tokens: 50,
        stream,
        messages: [{ role: "user", content: "say hi" }],
      }),
    });
    const text = await answer.text();
    return stream ? text.includes("event: message_stop") : answer.ok && text.endsWith("}");
  } catch {
    return false;
  }
};

/** @param kills how often; each at another moment. Every router takes up the ledger of the one before it. */
export const killRouters = async (kills: number): Promise<KilledLedger> => {
  const box = sandbox();
  const provider = await startProvider(() => ({ text: "Some words of an answer that is streamed." }));
  const seen = new Set<string>();
  try {
    const file = join(box.folder, "switchyard.yaml");
    writeFileSync(
      file,
      [
        `providers: { a: { dialect: openai-chat, baseUrl: "${provider.url}/v1", keys: [sk-a-0123456789] } }`,
        'routes: { default: "a,m", background: , think: , longContext: , webSearch: }',
      ].join("\n"),
    );
    for (let kill = 0; kill < kills; kill++) {
      const router = box.start(["router", "--config", file, "--port", "0"]);
      router.stderr!.resume();
      const [, url] = await untilPrinted(router, "stdout", /^listening on (\S+)/m);
      const gone = once(router, "exit");
      let ends = 0;
      const turns = Array.from({ length: together * 3 }, async (_, i) => {
        const session = `kill-${kill}-turn-${i}`;
        if (!(await sawEnd(url!, session, i % 3 !== 0))) return;
        seen.add(session);
        // Right behind an end that somebody saw, each time behind another one.
        if (++ends === 1 + (kill % together)) router.kill("SIGKILL");
      });
      await Promise.all(turns);
      router.kill("SIGKILL");
      await gone;
    }
    const folder = ledgerOf(box.state);
    const usage: UsageAnswer | undefined = readUsage(folder, { by: "session" });
    const database = new DatabaseSync(
      join(
        folder,
        readdirSync(folder).find((name) => /\.(db|sqlite)$/.test(name))!,
      ),
    );
    const [check] = database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
    database.close();
    return {
      seen,
      kept: new Map((usage?.rows ?? []).map((row) => [String(row.name), row.turns])),
      integrity: check!.integrity_check,
    };
  } finally {
    await provider.close();
    box.remove();
  }
};

/** Below the state folder, in the project's. */
const ledgerOf = (state: string): string => {
  for (const entry of readdirSync(state, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory() && entry.name === "ledger") return join(entry.parentPath, entry.name);
  throw new Error(`no ledger in ${state}: ${existsSync(state) ? readdirSync(state).join(", ") : "nothing"}`);
};
