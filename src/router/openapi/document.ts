/** The router's API as an OpenAPI document: one entry here for each endpoint. test/router/openapi holds both against each other, and answers against it. */
import { adminPaths } from "./admin-paths.ts";
import { clientPaths } from "./client-paths.ts";
import { components } from "./components.ts";
import { ledgerPaths } from "./ledger-paths.ts";
import { pathsOf } from "./operation.ts";
import type { Schema } from "./schema.ts";

const header = (name: string, description: string): Schema => ({
  type: "apiKey",
  in: "header",
  name,
  description,
});

/** @param version of the router */
export const openApiDocument = (version: string): Schema => ({
  openapi: "3.1.0",
  info: {
    title: "Switchyard",
    version,
    description:
      "A router for Claude Code and other clients. Everything here is served under /p/<profile>/ too; /v1/v1, /api/v1, /api/anthropic/v1 and /openai/v1 are read as /v1, /v1beta/v1beta as /v1beta. Every answer carries request-id.",
    license: { name: "MIT", identifier: "MIT" },
  },
  tags: [
    { name: "models", description: "What clients ask." },
    { name: "operation", description: "Health, metrics, the dashboard's own." },
    { name: "administration", description: "For the administrator. A client key does not suffice." },
  ],
  paths: pathsOf({ ...clientPaths, ...adminPaths, ...ledgerPaths }),
  components: {
    schemas: components,
    securitySchemes: {
      clientBearer: { type: "http", scheme: "bearer", description: "A client key." },
      clientApiKey: header("x-api-key", "A client key."),
      clientGoogleKey: header(
        "x-goog-api-key",
        "A client key; on the paths of Google's API `?key=` does as well.",
      ),
      clientKey: header(
        "x-switchyard-key",
        "A client key; leaves the two others to the user's own subscription, for providers with `auth: passthrough`.",
      ),
      adminToken: header("x-switchyard-admin", "The administrator's token, or the secret of this machine."),
      adminSession: {
        type: "apiKey",
        in: "cookie",
        name: "switchyard_<port>",
        description: "A session of the dashboard; what changes something needs x-switchyard-csrf too.",
      },
    },
  },
});
