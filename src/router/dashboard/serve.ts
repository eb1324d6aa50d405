/** The page at `/` and the files that it is made of. They hold nothing of anybody's: what is shown comes from `/api`, which asks who is there. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Handler } from "../endpoints/context.ts";
import { readPageFiles, type PageFile, type PageFiles } from "./files.ts";

/** Nothing but the page's own files runs, is shown or is asked; text that got in as markup could do nothing with it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const safeguards = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

/** A year: the path changes with the contents. */
const forGood = "public, max-age=31536000, immutable";

const send = (request: FastifyRequest, reply: FastifyReply, file: PageFile, cache: string): FastifyReply => {
  void reply.headers({ ...safeguards, etag: file.etag, "cache-control": cache });
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  return reply.header("content-type", file.type).send(file.body);
};

/** `/` and `/assets/…`. */
export const page = (): Handler => {
  let files: PageFiles | undefined;
  return function handlePage(request, reply) {
    files ??= readPageFiles();
    const path = request.url.split("?", 1)[0]!;
    if (path === "/") return send(request, reply, files.index, "no-cache");
    const file = files.assets.get(path.slice(1));
    if (file === undefined) throw new SwitchyardError("request.noSuchEndpoint", { detail: `GET ${path}` });
    return send(request, reply, file, forGood);
  };
};
