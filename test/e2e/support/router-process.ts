/** A router as its user starts it: a process of its own, in a home of its own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sandbox, untilPrinted } from "../../support/cli.ts";
import { smallRequest } from "../../support/router.ts";

export interface RouterProcess {
  readonly url: string;
  /** `POST /v1/messages` with these fields over a small valid request. */
  ask(body: object, signal?: AbortSignal): Promise<Response>;
  /** Ends it as a signal does, once it has sent what it owes. */
  close(): Promise<void>;
}

/** @param yaml the user's configuration; @param key that its clients send */
export const startRouterProcess = async (yaml: string, key: string): Promise<RouterProcess> => {
  const box = sandbox();
  const config = join(box.folder, "switchyard.yaml");
  writeFileSync(config, yaml);
  const child = box.start(["router", "--config", config, "--port", "0"]);
  child.stderr?.resume();
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [, url] = await untilPrinted(child, "stdout", /listening on (\S+)/);
  return {
    url: url!,
    ask: (body, signal) =>
      fetch(`${url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
        body: JSON.stringify({ ...smallRequest, ...body }),
        ...(signal !== undefined && { signal }),
      }),
    close: async () => {
      child.kill("SIGTERM");
      await ended;
      box.remove();
    },
  };
};
