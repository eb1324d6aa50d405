/** Parts of a request in Google's form (ai.google.dev/api/caching#Part) as blocks of the hub. */
import type { ContentBlock } from "../../../protocol/anthropic.ts";
import { isJsonObject, type JsonObject } from "../../../shared/json.ts";
import { textBlocks } from "../shared/conversation.ts";
import { fileBlock, imageBlock } from "../shared/media.ts";
import { refuse, type Beyond } from "../shared/refusal.ts";
import { field } from "./fields.ts";

const textIn = (object: JsonObject, name: string): string => {
  const value = field(object, name);
  return typeof value === "string" ? value : "";
};

/**
 * What a part says that is neither a thought nor a call nor a call's response.
 * @param at where the part stands, for what is said of it @throws SwitchyardError request.malformed
 */
export const plainBlocks = (part: JsonObject, at: string, beyond: Beyond): ContentBlock[] => {
  if (typeof part["text"] === "string") return textBlocks(part["text"]);
  const inline = field(part, "inlineData");
  if (isJsonObject(inline)) return inlineBlocks(inline, `${at}.inlineData`, beyond);
  const file = field(part, "fileData");
  if (isJsonObject(file)) return fileBlocks(file, `${at}.fileData`, beyond);
  // Google's own tool for code: told in words, as the conversation goes on without it.
  const code = field(part, "executableCode");
  if (isJsonObject(code))
    return textBlocks(`\`\`\`${textIn(code, "language").toLowerCase()}\n${textIn(code, "code")}\n\`\`\``);
  const result = field(part, "codeExecutionResult");
  if (isJsonObject(result)) return textBlocks(textIn(result, "output"));
  const others = Object.keys(part).filter(
    (name) => name !== "thoughtSignature" && name !== "thought_signature",
  );
  if (others.length === 0) return [];
  beyond.unsupported.add(`${at}: a part with ${others.join(", ")}`);
  return [];
};

/** Data in base64. */
const inlineBlocks = (inline: JsonObject, at: string, beyond: Beyond): ContentBlock[] => {
  const [type, data] = [textIn(inline, "mimeType"), textIn(inline, "data")];
  if (type === "" || data === "") return refuse(`${at}: mimeType and data were expected`);
  const block = fileBlock({ file_data: `data:${type};base64,${data}`, filename: inline["displayName"] });
  if (block === undefined) beyond.unsupported.add(`${at}: a file of type ${type}`);
  return block === undefined ? [] : [block];
};

/** A file by its address. Those that were uploaded to Google, or lie in its storage, only Google can read. */
const fileBlocks = (file: JsonObject, at: string, beyond: Beyond): ContentBlock[] => {
  const [type, uri] = [textIn(file, "mimeType"), textIn(file, "fileUri")];
  const own = !/^https?:/i.test(uri) || /^https:\/\/generativelanguage\.googleapis\.com\//i.test(uri);
  const block = own
    ? undefined
    : type.startsWith("image/")
      ? imageBlock(uri)
      : type === "application/pdf" || type.startsWith("text/")
        ? fileBlock({ file_url: uri })
        : undefined;
  if (block === undefined)
    beyond.unsupported.add(own ? `${at}.fileUri: ${uri.slice(0, 80)}` : `${at}: a file of type ${type}`);
  return block === undefined ? [] : [block];
};

export interface CallResponse {
  readonly id: string;
  readonly name: string;
  readonly content: string | ContentBlock[];
  readonly isError: boolean;
}

/**
 * A call's response. `output` and `error` are the names that Google documents for what a function said and for what went wrong; any other object is
 * told as JSON.
 */
export const responseOf = (response: JsonObject, at: string, beyond: Beyond): CallResponse => {
  const name = textIn(response, "name");
  const said = isJsonObject(response["response"]) ? response["response"] : {};
  const names = Object.keys(said);
  const only = names.length === 1 ? names[0] : undefined;
  const plain = only === "output" || only === "error" || only === "result" ? said[only] : said;
  const words = typeof plain === "string" ? plain : JSON.stringify(plain);
  const parts: unknown = response["parts"];
  const media = (Array.isArray(parts) ? (parts as unknown[]) : [])
    .filter(isJsonObject)
    .flatMap((part, i) => plainBlocks(part, `${at}.parts.${i}`, beyond));
  return {
    id: textIn(response, "id"),
    name,
    content: media.length === 0 ? words : [...textBlocks(words), ...media],
    isError: only === "error",
  };
};
