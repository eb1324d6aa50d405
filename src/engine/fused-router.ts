/** Talks to the router inside a fused container: by a command in it, for only the container knows its key. */
import { Readable, Writable } from "node:stream";
import type { RouterReply } from "../shared/container-layout.ts";
import { SwitchyardError } from "../shared/errors.ts";
import { parseJsonObject } from "../shared/json.ts";
import type { Engine } from "./connect.ts";
import { fusedMain } from "./fused-main.ts";
import type { Secrets } from "./state-files.ts";
import { execIn } from "./terminal.ts";

const collector = (): { readonly stream: Writable; text(): string } => {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    chunks.push(chunk);
    done();
  };
  return { stream: new Writable({ write }), text: () => Buffer.concat(chunks).toString("utf8") };
};

/** Runs a verb of the image; `input` goes to its stdin, where no process list shows it. @throws SwitchyardError fuse.failed */
const run = async (
  engine: Engine,
  container: string,
  verb: readonly string[],
  input: string,
): Promise<RouterReply> => {
  const [out, err] = [collector(), collector()];
  await execIn(engine.docker.getContainer(container), {
    command: [...fusedMain, ...verb],
    tty: false,
    streams: { stdin: Readable.from([input]), stdout: out.stream, stderr: err.stream },
  });
  const reply = parseJsonObject(out.text().trim());
  if (typeof reply?.["status"] !== "number" || typeof reply["body"] !== "string") {
    const words = err
      .text()
      .trim()
      .replaceAll(/^switchyard: /gm, "");
    throw new SwitchyardError("fuse.failed", { detail: words || `${container} does not answer` });
  }
  return { status: reply["status"], body: reply["body"] };
};

/** Asks the router of a fused container. @param container its id or name */
export const askInContainer = (
  engine: Engine,
  container: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body = "",
): Promise<RouterReply> => run(engine, container, ["ask", method, path], body);

/** Has the router of a fused container take a configuration and its keys; what it refuses leaves the one before in force. */
export const reloadInContainer = (
  engine: Engine,
  container: string,
  { config, handover }: Pick<Secrets, "config" | "handover">,
): Promise<RouterReply> =>
  run(engine, container, ["reload"], JSON.stringify({ config, keys: handover.keys }));
