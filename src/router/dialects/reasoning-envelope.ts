/**
 * Reasoning that must come back to its provider as it was: signed text of Claude's, Google's signatures, OpenAI's encrypted items, which
 * OpenRouter and gateways like it send as `reasoning_details` (openrouter.ai/docs, reasoning tokens, preserving reasoning).
 *
 * The client keeps thinking blocks and sends them back, so the details travel in the place of a block's signature, and no store is needed. A
 * dialect of Anthropic's own form must leave such a block out: `isEnvelope` tells.
 */

const prefix = "switchyard.reasoning:";

type Detail = Record<string, unknown>;

interface Envelope {
  /** Only the model that wrote them understands the details. */
  model: string;
  /** `text` and `summary` that stand in the block itself are replaced by their length. */
  details: Detail[];
}

const textFields = ["text", "summary"] as const;

/** Whether a thinking block's signature is an envelope of the router's, which means nothing to Anthropic. */
export const isEnvelope = (signature: string | undefined): boolean => signature?.startsWith(prefix) === true;

/** Adds the pieces of one chunk: text of the same item is joined, the last of all other values counts. */
export const addDetails = (details: Detail[], pieces: unknown): void => {
  if (!Array.isArray(pieces)) return;
  for (const piece of pieces as unknown[]) {
    if (typeof piece !== "object" || piece === null) continue;
    const next = piece as Detail;
    const last = details.at(-1);
    if (last === undefined || last["type"] !== next["type"] || last["index"] !== next["index"])
      details.push({ ...next });
    else merge(last, next);
  }
};

const merge = (into: Detail, next: Detail): void => {
  for (const [name, value] of Object.entries(next)) {
    const before = into[name];
    const isText = name === "text" || name === "summary" || name === "data";
    if (isText && typeof before === "string" && typeof value === "string") into[name] = before + value;
    else if (value !== null && value !== "") into[name] = value;
  }
};

/** The signature of a thinking block that carries these details. @param thinking the text of that block */
export const toEnvelope = (details: readonly Detail[], thinking: string, model: string): string => {
  const texts = details
    .flatMap((detail) => textFields.map((field) => detail[field]))
    .filter((text) => typeof text === "string");
  const short =
    texts.join("") === thinking
      ? details.map((detail) => {
          const copy = { ...detail };
          for (const field of textFields)
            if (typeof copy[field] === "string") copy[field] = copy[field].length;
          return copy;
        })
      : details;
  const envelope: Envelope = { model, details: [...short] };
  return prefix + Buffer.from(JSON.stringify(envelope)).toString("base64url");
};

/** The details of a thinking block, or none where it carries none, or those of another model. */
export const fromEnvelope = (signature: string | undefined, thinking: string, model: string): Detail[] => {
  if (signature === undefined || !isEnvelope(signature)) return [];
  let envelope: Envelope;
  try {
    envelope = JSON.parse(
      Buffer.from(signature.slice(prefix.length), "base64url").toString("utf8"),
    ) as Envelope;
  } catch {
    return []; // cut or changed on the way: without it the model starts its reasoning anew
  }
  if (envelope.model !== model || !Array.isArray(envelope.details)) return [];
  let at = 0;
  return envelope.details.map((detail) => {
    const copy = { ...detail };
    for (const field of textFields) {
      const length = copy[field];
      if (typeof length !== "number") continue;
      copy[field] = thinking.slice(at, at + length);
      at += length;
    }
    return copy;
  });
};
