/** The chaos provider as a process of its own: options as JSON in the first argument; prints its address. GET: its calls so far. */
import { startChaosProvider, type ChaosOptions } from "./provider.ts";

const provider = await startChaosProvider(JSON.parse(process.argv[2] ?? "{}") as ChaosOptions);
process.stdout.write(`${provider.url}\n`);
