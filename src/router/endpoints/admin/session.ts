/**
 * `POST /api/login`, `GET /api/session`, `POST /api/logout`: the dashboard's way in. `POST /api/admin/token` takes another administrator's token: `switchyard admin token`
 * makes it, and sends its hash alone.
 */
import type { FastifyRequest } from "fastify";
import { isTokenHash } from "../../../shared/admin-token.ts";
import { SwitchyardError } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import type { AdminRequest } from "../../admin/access.ts";
import { apiHeaders } from "../../admin/headers.ts";
import { rawBodyOf, type Handler, type RouterContext } from "../context.ts";
import { parseBody } from "../validate.ts";

export const adminRequest = (request: FastifyRequest): AdminRequest => ({
  method: request.method,
  headers: request.headers,
  address: request.ip,
});

const fieldOf = (request: FastifyRequest, name: string): unknown => {
  const body = parseBody(rawBodyOf(request));
  return isJsonObject(body) ? body[name] : undefined;
};

export const login = (context: RouterContext): Handler =>
  async function handleLogin(request, reply) {
    // A form of another page cannot send this type without asking first.
    if (!/^application\/json\b/i.test(request.headers["content-type"] ?? ""))
      throw new SwitchyardError("request.malformed", {
        detail: "expected content-type: application/json",
        hint: "",
      });
    const token = fieldOf(request, "token");
    if (typeof token !== "string" || token.length > 200)
      throw new SwitchyardError("request.malformed", { detail: "token: a text was expected", hint: "" });
    const session = await context.admin.login(token.trim(), adminRequest(request), context.config);
    return reply.headers({ ...apiHeaders, "set-cookie": session.cookie }).send({ csrf: session.csrf });
  };

/** Whether the page is signed in, and whether anybody can. */
export const session = (context: RouterContext): Handler =>
  async function handleSession(request, reply) {
    const found = await context.admin.session(adminRequest(request), context.config);
    return reply.headers(apiHeaders).send({
      signedIn: found !== undefined,
      tokenMade: context.admin.hasToken,
      ...(found !== undefined && { csrf: found.csrf }),
    });
  };

export const logout = (context: RouterContext): Handler =>
  async function handleLogout(request, reply) {
    const cookie = await context.admin.logout(adminRequest(request));
    return reply.header("set-cookie", cookie).send({ signedIn: false });
  };

export const replaceToken = (context: RouterContext): Handler =>
  function handleReplaceToken(request, reply) {
    const hash = fieldOf(request, "hash");
    if (!isTokenHash(hash))
      throw new SwitchyardError("request.malformed", { detail: "hash: expected 64 hex digits", hint: "" });
    context.admin.replaceToken(hash);
    context.log.info({ code: "admin.token" }, "there is a new token of the administrator");
    void reply.send({ replaced: true });
  };
