/**
 * Reads the ledgers of fused shells that are closed: run by the image in a container of its own, with the volumes of their routers mounted below `ledgersDir`.
 * One line of JSON goes to stdout: a ClosedLedger for each.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ClosedLedger, ledgersDir } from "../shared/container-layout.ts";
import { messageOf, SwitchyardError } from "../shared/errors.ts";
import { parseJsonObject } from "../shared/json.ts";
import { ledgerFolder, type UsageQuestion } from "../shared/usage.ts";
import { helperEnvironment, type Identity, node, withoutPrivileges } from "./container-identity.ts";

const main = "/opt/switchyard/src/fuse/container-main.ts";

/** Reads volumes of one owner as that owner: only it may, and what SQLite writes beside the database is for the router that comes next. */
const readAs = (owner: Identity, names: readonly string[], question: string): ClosedLedger[] => {
  const [program = "", ...args] = withoutPrivileges(owner, [...node, main, "usage-of", question, ...names]);
  const { stdout, stderr } = spawnSync(program, args, {
    env: helperEnvironment("/", {}),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (stdout.trim() !== "") return JSON.parse(stdout) as ClosedLedger[];
  return names.map((name) => ({ name, problem: stderr.trim() || "it says nothing" }));
};

const tell = (closed: readonly ClosedLedger[]): number => {
  process.stdout.write(`${JSON.stringify(closed)}\n`);
  return 0;
};

/** @param question a UsageQuestion as JSON */
export const tellUsage = (question: string): number => {
  const owners = Map.groupBy(readdirSync(ledgersDir), (name) => {
    const { uid, gid } = statSync(join(ledgersDir, name));
    return `${uid}:${gid}`;
  });
  return tell(
    [...owners].flatMap(([owner, names]) => {
      const [uid = 0, gid = 0] = owner.split(":").map(Number);
      return readAs({ uid, gid }, names, question);
    }),
  );
};

/** @param names of volumes that are this process's own */
export const tellUsageOf = async (text: string, names: readonly string[]): Promise<number> => {
  const question = parseJsonObject(text);
  if (question === undefined) throw new SwitchyardError("fuse.failed", { detail: "that is no question" });
  const { readUsage } = await import("../router/ledger/offline.ts");
  return tell(
    names.map((name): ClosedLedger => {
      const folder = join(ledgersDir, name, ledgerFolder);
      try {
        return { name, usage: readUsage(folder, question as unknown as UsageQuestion) ?? null };
      } catch (error) {
        return { name, problem: messageOf(error) };
      }
    }),
  );
};
