/** Where something opaque came from: ids, signatures and encrypted reasoning mean something to their origin alone. */
import { createHash } from "node:crypto";
import type { DialectName } from "../../../config/types.ts";

/** Every `DialectContext` is one. */
export interface Origin {
  readonly provider: { readonly name: string; readonly dialect: DialectName };
  /** The provider's own model id. */
  readonly model: string;
}

/**
 * The model that stands behind an id: its variants (`:free`, `:online`), dated snapshots and `-latest` read what one of them wrote. Other
 * versions are other models: none promises to read another's reasoning.
 */
export const modelFamily = (model: string): string =>
  model
    .toLowerCase()
    .replace(/:[a-z][\w-]*$/, "")
    .replace(/[-@](?:latest|\d{8}|\d{4}-\d{2}-\d{2})$/, "");

/** Provider, dialect and model family: only the same three understand what one of them made opaque. */
export const originName = ({ provider, model }: Origin): string =>
  `${provider.name},${provider.dialect},${modelFamily(model)}`;

/** Short digest of a text, in hex. */
export const digestOf = (text: string, length: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, length);
