/** The page at `/` and the files that it is made of. They hold nothing of anybody's: what is shown comes from `/api`, which asks who is there. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Handler } from "../endpoints/context.ts";
import { readPageFiles, type PageFile, type PageFiles } from "./files.ts";

/** A year: the path changes with the contents. */
const forGood = "public, max-age=31536000, immutable";

const send = (request: FastifyRequest, reply: FastifyReply, file: PageFile, cache: string): FastifyReply => {
  void reply.headers({ etag: file.etag, "cache-control": cache });
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  return reply.header("content-type", file.type).send(file.body);
};

/** `/` and `/assets/…`. What a page may do is said by the headers that the guard of pages sets (admin/headers.ts). */
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
