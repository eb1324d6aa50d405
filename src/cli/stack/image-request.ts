/** What the images of a configuration are made of, for the engine that is to run them. */
import type { Engine } from "../../engine/connect.ts";
import { imageRequest } from "../../engine/image-request.ts";
import type { ImageRequest } from "../../engine/images.ts";
import type { Loaded } from "../configuration.ts";

/** User and group of the containers. Under a rootless engine root inside is the caller outside, and any other id a stranger. */
const userOf = (engine: Engine): { uid: number; gid: number } =>
  engine.rootless ? { uid: 0, gid: 0 } : { uid: process.getuid?.() ?? 1000, gid: process.getgid?.() ?? 1000 };

export const imageRequestOf = (engine: Engine, { config, root }: Loaded): ImageRequest =>
  imageRequest(config, { root, ...userOf(engine) });
