/** Fetches a model by Ollama's own API (docs.ollama.com/api/pull): one JSON object a line, with what is done and how much of it. */
import { SwitchyardError, messageOf, systemCodeOf } from "../../shared/errors.ts";
import { parseJsonObject } from "../../shared/json.ts";

/** A step as it goes on; `completed` of `total` bytes where it is a download. */
export interface PullProgress {
  readonly status: string;
  readonly completed?: number;
  readonly total?: number;
}

const failed = (detail: string, hint?: string): SwitchyardError =>
  new SwitchyardError("models.pull", { detail, ...(hint !== undefined && { hint }) });

/** Lines of a body, however it was cut. */
const linesOf = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  yield rest;
};

/**
 * @param url of the server, without a trailing slash
 * @param tell gets every step
 * @throws SwitchyardError models.pull: the server is not there, does not know the model, or ended before it had all of it
 */
export const pullModel = async (
  url: string,
  model: string,
  tell: (progress: PullProgress) => void,
): Promise<void> => {
  let succeeded = false;
  try {
    const answer = await fetch(`${url}/api/pull`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true }),
    });
    if (!answer.ok || answer.body === null) {
      const error = parseJsonObject(await answer.text())?.["error"];
      throw failed(`${url}: ${typeof error === "string" ? error : `status ${answer.status}`}`);
    }
    for await (const line of linesOf(answer.body)) {
      const { error, status, completed, total } = parseJsonObject(line) ?? {};
      if (typeof error === "string") throw failed(`${model}: ${error}`);
      if (typeof status !== "string") continue;
      succeeded ||= status === "success";
      tell({
        status,
        ...(typeof completed === "number" && { completed }),
        ...(typeof total === "number" && { total }),
      });
    }
  } catch (error) {
    if (error instanceof SwitchyardError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw failed(`${url}: ${systemCodeOf(cause) ?? messageOf(cause)}`);
  }
  // Its last line; without it the connection broke off.
  if (!succeeded)
    throw failed(`${model}: ${url} ended before it was done`, "Ask again: it goes on where it was.");
};

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** One line about a step. */
export const progressText = ({ status, completed, total }: PullProgress): string =>
  total === undefined || total === 0
    ? status
    : `${status}: ${Math.floor((100 * (completed ?? 0)) / total)} % of ${megabytes(total)}`;

/**
 * Tells of steps: on a terminal one line that changes, elsewhere each step once.
 * @param write gets texts as they are to be written
 */
export const progressTeller = (
  isTerminal: boolean,
  write: (text: string) => void,
): ((progress: PullProgress) => void) => {
  let last = "";
  return (progress) => {
    const isNew = progress.status !== last;
    const text = progressText(progress);
    if (isTerminal)
      write(
        `${isNew && last !== "" ? "\n" : ""}\r\u001B[K${text}${progress.status === "success" ? "\n" : ""}`,
      );
    else if (isNew) write(`${text}\n`);
    last = progress.status;
  };
};
