/** Asks a target from inside the client's container: what the machine reaches says nothing of what the client reaches. */
import { Readable, Writable } from "node:stream";
import { managedSettingsDir, targetFileName } from "../../shared/container-layout.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Engine } from "../connect.ts";
import { captureIn, execIn } from "../terminal.ts";

export interface ProbeRequest {
  readonly baseUrl: string;
  /** Sent as the client sends it; empty: none. */
  readonly token: string;
  /** Header that carries it. */
  readonly header: "authorization" | "x-switchyard-key";
}

/** Where the stack's client finds the address and token of the target, as lines of a shell. */
export const targetFile = `${managedSettingsDir}/${targetFileName}`;

/**
 * True where the container reads other settings than those of the machine: their folder was replaced while it ran, and what is
 * mounted is the old one.
 * @param there text of the target's file on the machine; undefined: none
 */
export const settingsOutOfSight = async (
  engine: Engine,
  container: string,
  there: string | undefined,
): Promise<boolean> => {
  try {
    const { status, output } = await captureIn(engine.docker.getContainer(container), ["cat", targetFile]);
    return status !== 0 || output !== there;
  } catch {
    // It has just ended, or cannot run a command: that is for others to say.
    return false;
  }
};

const collector = (): { readonly stream: Writable; text(): string } => {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString("utf8");
      done();
    },
  });
  return { stream, text: () => text };
};

const words: Readonly<Record<number, string>> = {
  5: "its proxy has no address",
  6: "its name has no address",
  7: "nobody listens there",
  28: "it does not answer within 5 s",
  35: "TLS fails",
  60: "its certificate is not trusted",
};

/**
 * Anything that answers as a server that takes this token is reached: not every provider has a list of models.
 * @throws SwitchyardError switch.refused with what was found
 */
export const probeFromClient = async (
  engine: Engine,
  container: string,
  request: ProbeRequest,
): Promise<void> => {
  const header =
    request.header === "authorization"
      ? `authorization: Bearer ${request.token}`
      : `x-switchyard-key: ${request.token}`;
  const [out, err] = [collector(), collector()];
  // The token goes through stdin: a command line is seen by every process in the container.
  const status = await execIn(engine.docker.getContainer(container), {
    command: [
      "bash",
      "-c",
      `set -a; . ${targetFile}; set +a; ` +
        'exec curl -s -o /dev/null -w "%{http_code}" --max-time 5 -H @- "$0/v1/models?limit=1"',
      request.baseUrl,
    ],
    tty: false,
    streams: {
      stdin: Readable.from([request.token === "" ? "" : `${header}\n`]),
      stdout: out.stream,
      stderr: err.stream,
    },
  });
  const answer = Number(out.text().trim().slice(-3));
  const fail = (why: string): never => {
    throw new SwitchyardError("switch.refused", {
      detail: `${request.baseUrl} was asked from inside ${container}: ${why}`,
    });
  };
  if (status !== 0) return fail(words[status] ?? `curl ended with ${status} ${err.text().trim()}`);
  const refuses = answer === 401 || answer === 403;
  // Where nothing of ours is sent, the client will send the user's own login, which only it has.
  if (refuses && request.token !== "") return fail(`it refuses the token (${answer})`);
  if (!(answer >= 200 && answer < 500)) return fail(`it answers ${answer || "nothing"}`);
};
