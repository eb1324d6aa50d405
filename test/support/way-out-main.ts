/** The way out as a process of its own: `node way-out-main.ts FOLDER PORT HOST=ADDRESS…`; its identity lies in the folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startWayOut } from "./way-out.ts";

const [folder = ".", port = "0", ...pairs] = process.argv.slice(2);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const hosts = Object.fromEntries(pairs.map((pair) => pair.split("=", 2) as [string, string]));
const out = await startWayOut(hosts, {
  host: "0.0.0.0",
  port: Number(port),
  identity: { certificate: read("ca.pem"), key: read("key.pem") },
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void out.close());
