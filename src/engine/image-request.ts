/** What the images of a configuration are made of. */
import type { Config } from "../config/types.ts";
import type { ImageRequest } from "./image-table.ts";

/** @param of the checkout, and the user that the containers run as */
export const imageRequest = (
  { stack }: Pick<Config, "stack">,
  of: Pick<ImageRequest, "root" | "uid" | "gid">,
): ImageRequest => ({
  ...of,
  clientVersion: stack.client.version,
  litellmVersion: stack.litellm.version,
  cliproxyapiVersion: stack.cliproxyapi.version,
});
