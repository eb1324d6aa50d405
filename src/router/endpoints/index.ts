/** Every endpoint: its methods, its path, its handler. What only some clients ask for is imported `later`. */
import { adminEndpoints } from "./admin/index.ts";
import type { Handler, RouterContext } from "./context.ts";
import { health, hello, ready } from "./health.ts";
import { later } from "./later.ts";
import { ledgerEndpoints } from "./ledger/index.ts";
import { messages } from "./messages.ts";
import { model, models } from "./models.ts";
import { profilePrefix } from "../profiles/asked.ts";

export interface Endpoint {
  readonly methods: readonly ("GET" | "HEAD" | "POST" | "PUT")[];
  readonly path: string;
  readonly handler: Handler;
  /**
   * Who may ask. `admin`: administrators alone, what is under `/api/` where nothing else is said. `page`: everybody who asks by a name of ours, with the headers
   * of a page; nothing of the router may stand in it. `open`: the endpoint's own business.
   */
  readonly access?: "admin" | "page" | "open";
  /** Served by each worker; whatever else there is is known to the process that began them. */
  readonly inWorkers?: true;
}

const countTokens = later(async () => (await import("./count-tokens.ts")).countTokens);
const chatCompletions = later(async () => (await import("./chat-completions.ts")).chatCompletions);
const responses = later(async () => (await import("./responses.ts")).responses);
const modelMethod = later(async () => (await import("./gemini.ts")).modelMethod);
const reload = later(async () => (await import("./reload.ts")).reload);
const state = later(async () => (await import("./state.ts")).state);
const clearCooldowns = later(async () => (await import("./state.ts")).clearCooldowns);
const explain = later(async () => (await import("./explain.ts")).explain);
const providers = later(async () => (await import("./providers.ts")).providers);
const switchOne = later(async () => (await import("./providers.ts")).switchOne);
const routes = later(async () => (await import("./routes.ts")).routes);
const profiles = later(async () => (await import("./profiles.ts")).profiles);
const chooseProfile = later(async () => (await import("./profiles.ts")).chooseProfile);
const logs = later(async () => (await import("./logs.ts")).logs);
const metrics = later(async () => (await import("./metrics.ts")).metrics);
const session = later(async () => (await import("./session.ts")).session);
const openApi = later(async () => (await import("./openapi.ts")).openApi);
const live = later(async () => (await import("./live.ts")).live);
const page = later(async () => (await import("../dashboard/serve.ts")).page);

export const endpoints = (context: RouterContext): readonly Endpoint[] => [
  { methods: ["POST"], path: "/v1/messages", handler: messages(context), inWorkers: true },
  { methods: ["POST"], path: "/v1/messages/count_tokens", handler: countTokens(context), inWorkers: true },
  { methods: ["POST"], path: "/v1/chat/completions", handler: chatCompletions(context), inWorkers: true },
  { methods: ["POST"], path: "/v1/responses", handler: responses(context), inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/v1/models", handler: models(context), inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/v1/models/*", handler: model(context), inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/v1beta/models", handler: models(context), inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/v1beta/models/*", handler: model(context), inWorkers: true },
  { methods: ["POST"], path: "/v1/models/*", handler: modelMethod(context), inWorkers: true },
  { methods: ["POST"], path: "/v1beta/models/*", handler: modelMethod(context), inWorkers: true },
  { methods: ["GET"], path: "/sessions/:id", handler: session(context) },
  { methods: ["GET", "HEAD"], path: "/api/hello", handler: hello(), access: "open", inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/health", handler: health(context) },
  { methods: ["GET", "HEAD"], path: "/ready", handler: ready(context), inWorkers: true },
  { methods: ["GET", "HEAD"], path: "/metrics", handler: metrics(context) },
  { methods: ["POST"], path: "/api/route", handler: explain(context) },
  { methods: ["GET", "HEAD"], path: "/api/state", handler: state(context) },
  { methods: ["POST"], path: "/api/reload", handler: reload(context) },
  { methods: ["POST"], path: "/api/cooldowns/clear", handler: clearCooldowns(context) },
  { methods: ["GET"], path: "/api/providers", handler: providers(context) },
  { methods: ["POST"], path: "/api/providers/*", handler: switchOne(context) },
  { methods: ["GET"], path: "/api/routes", handler: routes(context) },
  { methods: ["GET"], path: "/api/profiles", handler: profiles(context) },
  { methods: ["PUT"], path: "/api/profile", handler: chooseProfile(context) },
  { methods: ["GET"], path: "/api/logs", handler: logs(context) },
  { methods: ["GET", "HEAD"], path: "/api/openapi.json", handler: openApi(context) },
  { methods: ["GET"], path: "/api/live", handler: live(context) },
  { methods: ["GET", "HEAD"], path: "/", handler: page(context), access: "page" },
  { methods: ["GET", "HEAD"], path: "/assets/*", handler: page(context), access: "page" },
  ...adminEndpoints(context),
  ...ledgerEndpoints(context),
];

/** `/p/glm?x=1` -> `/?x=1` */
const withoutProfile = (url: string): string =>
  url.startsWith("/p/") ? url.replace(profilePrefix, "").replace(/^(?!\/)/, "/") : url;

/**
 * Other spellings of `/v1/…` that clients produce from a base URL with a path of its own (`…/v1`, `/api/anthropic`, …).
 * The profile in front of it is left out: `profileInPath` reads it of the URL as it came.
 * @param url path and query
 */
export const canonicalUrl = (url: string): string =>
  withoutProfile(url)
    .replace(/^\/(?:v1|api\/anthropic|api|openai)\/v1(?=\/|$)/, "/v1")
    .replace(/^\/(?:v1|v1beta|api|gemini)(?=\/v1beta(?:\/|$))/, "")
    .replace(/^\/openai(?=\/(?:responses|chat\/completions|models)(?:[/?]|$))/, "/v1")
    .replace(/^\/{2,}/, "/");

/** Where Google's API is asked: errors there have Google's shape. A model of `/v1/models` is asked by POST there alone. @param url canonical */
export const isGoogleUrl = (method: string, url: string): boolean =>
  /^\/(?:upload\/)?v1beta(?:[/?]|$)/.test(url) || (method === "POST" && url.startsWith("/v1/models/"));

/** Endpoints of OpenAI's API, those that the router has not included: errors there have OpenAI's shape. @param url canonical */
export const isOpenAiUrl = (url: string): boolean =>
  /^\/v1\/(?:chat|responses|completions|embeddings)(?:[/?]|$)/.test(url);
