/** `POST /api/reload`: the files are read again. What is in them is decided on this machine alone: a request carries no configuration. */
import { SwitchyardError } from "../../shared/errors.ts";
import type { ConfigurationState } from "../reload/reloader.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";

/** The answer. */
export interface ReloadAnswer {
  readonly outcome: "reloaded" | "unchanged";
  readonly configuration: ConfigurationState;
}

/** @throws SwitchyardError reload.unable, request.malformed (a body), or why the configuration was refused */
export const reload = (context: RouterContext): Handler =>
  async function handleReload(request, reply) {
    const body = rawBodyOf(request);
    if (body !== undefined && body.length > 0) {
      throw new SwitchyardError("request.malformed", {
        detail: "a reload takes no body: the configuration is read from its files",
        hint: "Send it without one.",
      });
    }
    if (!context.reloader.able) throw new SwitchyardError("reload.unable");
    const reloaded = await context.reloader.reload();
    if (reloaded.outcome === "refused") {
      const { code, detail, hint } = reloaded.error;
      throw new SwitchyardError(code, {
        ...(detail !== undefined && { detail: context.redact(detail) }),
        hint: `${hint} The configuration before it stays in force.`,
        http: 422,
        type: "invalid_request_error",
      });
    }
    const answer: ReloadAnswer = {
      outcome: reloaded.outcome,
      configuration: context.reloader.state(),
    };
    return reply.send(answer);
  };
