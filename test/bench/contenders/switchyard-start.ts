/** Starts the router without the control CLI: `node switchyard-start.ts CONFIG PORT`. */
import { loadConfig } from "../../../src/config/load.ts";
import { startRouter } from "../../../src/router/main.ts";

const [file, port] = process.argv.slice(2);
await startRouter({ config: loadConfig({ file: file!, env: process.env, keyFiles: false }), port: Number(port) });
