/** What the encoders need to know of the provider and the model. */
import type { DialectContext } from "../../dialect.ts";
import { isThird } from "../models.ts";

export interface EncodeContext {
  readonly dialect: DialectContext;
  /** See models.ts. */
  readonly third: boolean;
}

export const encodeContext = (dialect: DialectContext): EncodeContext => ({
  dialect,
  third: isThird(dialect.model),
});
