/** `POST /v1beta/models/{model}:{method}`: what clients of Google's Gemini API ask (ai.google.dev/api). */
import { SwitchyardError } from "../../shared/errors.ts";
import { isJsonObject } from "../../shared/json.ts";
import { authenticate } from "../auth.ts";
import { decodeGeminiRequest } from "../inbound/gemini/decode.ts";
import { geminiForm } from "../inbound/gemini/form.ts";
import { field } from "../inbound/gemini/fields.ts";
import { nativeContents } from "../inbound/gemini/native.ts";
import { pathOf } from "../dialects/gemini/encode/request.ts";
import { serveCount, type CountAsked } from "./serve-count.ts";
import { rawBodyOf, type Handler, type RouterContext } from "./context.ts";
import { serveForeign } from "./serve-foreign.ts";
import { parseBody } from "./validate.ts";

const methods = ["generateContent", "streamGenerateContent", "countTokens"] as const;
type Method = (typeof methods)[number];

const isMethod = (name: string): name is Method => (methods as readonly string[]).includes(name);

/**
 * Model and method of a path; a model's id may hold colons itself.
 * @param path behind `models/`, decoded
 * @throws SwitchyardError request.noSuchEndpoint: embeddings, pictures and what else is done by no model of a conversation
 */
const askedIn = (path: string): { model: string; method: Method } => {
  const colon = path.lastIndexOf(":");
  const [model, method] = [path.slice(0, Math.max(colon, 0)).replace(/^models\//, ""), path.slice(colon + 1)];
  if (colon === -1 || !isMethod(method))
    throw new SwitchyardError("request.noSuchEndpoint", {
      detail: `${colon === -1 ? path : `:${method}`} of Google's API; there are ${methods.map((name) => `:${name}`).join(", ")}`,
      hint: "Embeddings and pictures are asked of Google itself.",
    });
  if (model === "")
    throw new SwitchyardError("request.malformed", { detail: "a model is missing in the path" });
  return { model, method };
};

export const modelMethod = (context: RouterContext): Handler =>
  async function handleModelMethod(request, reply) {
    const { own, client: asker } = authenticate(request.headers, context);
    const { model, method } = askedIn((request.params as { "*": string })["*"]);
    const raw = rawBodyOf(request);
    const parsed = parseBody(raw);
    const size = raw?.length ?? 0;
    if (method === "countTokens")
      return serveCount(context, request, reply, { ...countAsked(parsed, model, size), own, client: asker });
    const stream = method === "streamGenerateContent";
    const decoded = decodeGeminiRequest(parsed, { model, stream, size });
    // Both names are Google's (cloud.google.com/apis/docs/system-parameters).
    const { alt, $alt = alt } = request.query as { alt?: unknown; $alt?: unknown };
    const array = stream && $alt !== "sse";
    const client = geminiForm(parsed as Record<string, unknown>, { ...decoded, array });
    return serveForeign(context, request, reply, { ...decoded, client, own, asker });
  };

/** The contents alone, or a whole request within (ai.google.dev/api/tokens#method:-models.counttokens). */
const countAsked = (body: unknown, model: string, size: number): Omit<CountAsked, "own" | "client"> => {
  const whole = isJsonObject(body) ? field(body, "generateContentRequest") : undefined;
  const counted = isJsonObject(whole) ? whole : body;
  const { request: asked } = decodeGeminiRequest(counted, { model, stream: false, size });
  return {
    asked,
    answer: (tokens) => ({ totalTokens: tokens }),
    forward(dialect) {
      if (dialect.provider.dialect !== "gemini") return undefined;
      const path = pathOf({ ...dialect, stream: false }).replace(/:generateContent$/, ":countTokens");
      const inner = counted as Record<string, unknown>;
      const contents = nativeContents(inner["contents"], dialect) ?? inner["contents"];
      const name = decodeURI(path.slice(1, path.lastIndexOf(":")));
      const sent = isJsonObject(whole)
        ? { generateContentRequest: { ...whole, contents, model: name } }
        : { ...inner, contents };
      return {
        path,
        headers: {},
        body: JSON.stringify(sent),
        counted: (json) => (typeof json["totalTokens"] === "number" ? json["totalTokens"] : undefined),
      };
    },
  };
};
