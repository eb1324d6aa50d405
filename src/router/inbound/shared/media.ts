/** Images and files of OpenAI's forms as blocks of the hub. */
import type { DocumentBlock, ImageBlock, TextBlock } from "../../../protocol/anthropic.ts";

/** `data:<type>;base64,<data>`; undefined for anything else. The data may be megabytes: no pattern runs over it. */
const dataUrl = (url: string): { type: string; data: string } | undefined => {
  if (!url.startsWith("data:")) return undefined;
  const comma = url.indexOf(",");
  const head = url.slice(5, comma === -1 ? 0 : comma);
  if (!head.endsWith(";base64")) return undefined;
  return { type: head.slice(0, head.indexOf(";")), data: url.slice(comma + 1) };
};

/** An image by its address or data URL; undefined where it is neither. */
export const imageBlock = (url: unknown): ImageBlock | undefined => {
  if (typeof url !== "string" || url === "") return undefined;
  const data = dataUrl(url);
  if (data !== undefined)
    return {
      type: "image",
      source: { type: "base64", media_type: data.type || "image/png", data: data.data },
    };
  return /^https?:/i.test(url) ? { type: "image", source: { type: "url", url } } : undefined;
};

export interface FileParts {
  filename?: unknown;
  file_data?: unknown;
  file_url?: unknown;
}

/** A file by its address or data URL: PDF and images as such, text as its text; undefined where it is none of these. */
export const fileBlock = (file: FileParts): DocumentBlock | ImageBlock | TextBlock | undefined => {
  const title = typeof file.filename === "string" && file.filename !== "" ? { title: file.filename } : {};
  // OpenRouter takes an address in the place of the data (openrouter.ai/docs, PDF inputs).
  for (const url of [file.file_url, file.file_data])
    if (typeof url === "string" && /^https?:/i.test(url))
      return { type: "document", source: { type: "url", url }, ...title };
  const data = typeof file.file_data === "string" ? dataUrl(file.file_data) : undefined;
  if (data === undefined) return undefined;
  if (data.type.startsWith("image/")) return imageBlock(file.file_data);
  if (data.type.startsWith("text/") || data.type === "application/json") {
    const text = Buffer.from(data.data, "base64").toString("utf8");
    return text === ""
      ? undefined
      : { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
  }
  if (data.type !== "application/pdf") return undefined;
  return {
    type: "document",
    source: { type: "base64", media_type: data.type, data: data.data },
    ...title,
  };
};
