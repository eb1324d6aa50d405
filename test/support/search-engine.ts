/** Search engines on loopback, written after their documents: they refuse what the real ones would refuse. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Page {
  url: string;
  title: string;
  text: string;
}

export interface EngineRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** The caller went away before the answer. */
  aborted: boolean;
}

export interface FakeEngine {
  url: string;
  requests: EngineRequest[];
  /** The queries, as the engine would read them. */
  queries(): string[];
  close(): Promise<void>;
}

type Answer = { status: number; body: unknown };

/** docs.tavily.com, API reference, search. */
const tavily = (pages: readonly Page[], { url, method, headers, body }: EngineRequest): Answer => {
  if (method !== "POST" || url.pathname !== "/search") return { status: 404, body: { detail: "Not Found" } };
  if (headers.authorization !== "Bearer tvly-0123456789")
    return { status: 401, body: { detail: { error: "Unauthorized: missing or invalid API key." } } };
  if (typeof body["query"] !== "string" || body["query"] === "")
    return { status: 400, body: { detail: { error: "Query is missing." } } };
  return {
    status: 200,
    body: {
      query: body["query"],
      follow_up_questions: null,
      answer: null,
      images: [],
      results: pages.slice(0, Number(body["max_results"])).map(({ url: page, title, text }) => ({
        url: page,
        title,
        content: text,
        score: 0.9,
        raw_content: null,
      })),
      response_time: 1.1,
      request_id: "r-1",
    },
  };
};

/** api-dashboard.search.brave.com, web search. */
const brave = (pages: readonly Page[], { url, method, headers }: EngineRequest): Answer => {
  if (method !== "GET" || url.pathname !== "/res/v1/web/search") return { status: 404, body: {} };
  if (headers["x-subscription-token"] !== "BSA0123456789")
    return {
      status: 422,
      body: {
        type: "ErrorResponse",
        error: {
          status: 422,
          code: "SUBSCRIPTION_TOKEN_INVALID",
          detail: "The provided subscription token is invalid.",
        },
      },
    };
  return {
    status: 200,
    body: {
      type: "search",
      query: { original: url.searchParams.get("q") },
      web: {
        type: "search",
        results: pages.map(({ url: page, title, text }) => ({
          title,
          url: page,
          description: `<strong>${text}</strong> &amp; more`,
          page_age: "2026-11-01T00:00:00",
          extra_snippets: ["A second excerpt."],
        })),
      },
    },
  };
};

/** docs.searxng.org, search API; only formats of its settings are answered. */
const searxng =
  (formats: readonly string[]) =>
  (pages: readonly Page[], { url, method }: EngineRequest): Answer => {
    if (method !== "GET" || url.pathname !== "/search") return { status: 404, body: {} };
    if (!formats.includes(url.searchParams.get("format") ?? "html"))
      return { status: 403, body: "Forbidden" };
    return {
      status: 200,
      body: {
        query: url.searchParams.get("q"),
        number_of_results: 0,
        results: pages.map(({ url: page, title, text }) => ({
          url: page,
          title,
          content: text,
          engine: "duckduckgo",
          publishedDate: null,
        })),
        unresponsive_engines: [],
      },
    };
  };

const kinds = {
  tavily,
  brave,
  searxng: searxng(["html", "json"]),
  searxngWithoutJson: searxng(["html"]),
} as const;

export const somePages: readonly Page[] = [
  { url: "https://nodejs.org/en/blog/release/v24.0.0", title: "Node.js 24", text: "Node.js 24 is out." },
  { url: "https://docs.example.com/node", title: "Docs", text: "How to install Node." },
  { url: "https://spam.example.net/node", title: "Spam", text: "Buy Node now." },
];

export interface EngineOptions {
  pages?: readonly Page[];
  /** Answers with this instead. */
  refusal?: Answer;
  /** Never answers. */
  silent?: boolean;
}

export const fakeEngine = async (
  kind: keyof typeof kinds,
  { pages = somePages, refusal, silent = false }: EngineOptions = {},
): Promise<FakeEngine> => {
  const requests: EngineRequest[] = [];
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (chunk: Buffer) => parts.push(chunk));
    req.on("end", () => {
      const raw = Buffer.concat(parts).toString("utf8");
      const request: EngineRequest = {
        method: req.method ?? "",
        url: new URL(req.url ?? "/", "http://engine"),
        headers: req.headers,
        body: (raw === "" ? {} : JSON.parse(raw)) as Record<string, unknown>,
        aborted: false,
      };
      requests.push(request);
      res.on("close", () => (request.aborted = !res.writableFinished));
      if (silent) return;
      const { status, body } = refusal ?? kinds[kind](pages, request);
      res.writeHead(status, { "content-type": "application/json" });
      res.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    queries: () =>
      requests.map(({ url, body }) =>
        typeof body["query"] === "string" ? body["query"] : (url.searchParams.get("q") ?? ""),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** A line of the configuration for it, with its key. */
export const searchLine = (kind: "tavily" | "brave" | "searxng", url: string, more = ""): string => {
  const key = { tavily: ', key: "${TAVILY_API_KEY}"', brave: ', key: "${BRAVE_API_KEY}"', searxng: "" }[kind];
  return `search: { provider: ${kind}, baseUrl: "${url}"${key}${more} }`;
};

export const searchKeys = { TAVILY_API_KEY: "tvly-0123456789", BRAVE_API_KEY: "BSA0123456789" };
