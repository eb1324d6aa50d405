/** `GET /api/openapi.json`: what this API is. */
import { openApiDocument } from "../openapi/document.ts";
import { versionOfRouter } from "../version.ts";
import type { Handler } from "./context.ts";

export const openApi = (): Handler => {
  const document = openApiDocument(versionOfRouter());
  return function handleOpenApi(_request, reply) {
    void reply.send(document);
  };
};
