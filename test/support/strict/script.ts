/** A scripted provider that judges each request first, and answers 400 in the form of its protocol to what is against its rules. */
import type { Script } from "../provider/server.ts";
import { strict } from "./index.ts";
import type { StrictOptions } from "./judge.ts";

export const strictly =
  (dialect: string, options: StrictOptions, script: Script): Script =>
  (request) => {
    const [problem] = strict[dialect]?.(request.body, options) ?? [`no rules for ${dialect}`];
    if (problem === undefined) return script(request);
    const error = { type: "invalid_request_error", message: problem };
    return { error: { status: 400, body: JSON.stringify({ type: "error", error }) } };
  };
