/** The scripted provider as a process of its own: `node main.ts [port] [host]`; prints its address on stdout. */
import { scenarioScript } from "./scenarios.ts";
import { startProvider } from "./server.ts";

const [port = "0", host = "127.0.0.1"] = process.argv.slice(2);
const provider = await startProvider(scenarioScript, { port: Number(port), host });
process.stdout.write(`${provider.url}\n`);
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void provider.close());
