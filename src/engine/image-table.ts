/** The table of images: what each is made of. A new image is a folder under images/ and a line here. */
import { contentHash } from "./content-hash.ts";

export interface ImageRequest {
  /** The checkout. */
  readonly root: string;
  /** Of Claude Code. */
  readonly clientVersion: string;
  readonly litellmVersion: string;
  readonly cliproxyapiVersion: string;
  /** The caller's. */
  readonly uid: number;
  readonly gid: number;
}

export interface ImageDefinition {
  /** Below the checkout, `images/<name>/Dockerfile`; the folder's name is the image's. */
  readonly dockerfile: string;
  /** Files and folders that the Dockerfile copies (its .dockerignore says the same), and its own folder. */
  readonly sources: readonly string[];
  readonly args: (request: ImageRequest) => Readonly<Record<string, string>>;
  /** Images that it is made from: build argument -> image. */
  readonly parents: Readonly<Record<string, ImageKey>>;
  /** It installs packages: it is given the base image as BASE, and the machine's Debian archive where the base names none. */
  readonly base: boolean;
}

export type ImageKey =
  | "client"
  | "router"
  | "fused-router"
  | "litellm"
  | "litellm-official"
  | "fused-litellm"
  | "cliproxyapi"
  | "cliproxyapi-official";

const uid = (request: ImageRequest): string => String(request.uid);

/** One Dockerfile, two makes: on the official image, or with LiteLLM from PyPI on the base. */
const litellm = (source: "official" | "pypi"): ImageDefinition => ({
  dockerfile: "images/litellm/Dockerfile",
  sources: ["images/litellm"],
  args: ({ litellmVersion }) => ({ LITELLM_VERSION: litellmVersion, LITELLM_SOURCE: source }),
  parents: {},
  base: source === "pypi",
});

/** As LiteLLM's: on the official image, or built as a Go module on the base. */
const cliproxyapi = (source: "official" | "source"): ImageDefinition => ({
  dockerfile: "images/cliproxyapi/Dockerfile",
  sources: ["images/cliproxyapi", "scripts/cliproxyapi.sh", "scripts/go-program.sh"],
  args: ({ cliproxyapiVersion }) => ({
    CLIPROXYAPI_VERSION: cliproxyapiVersion,
    CLIPROXYAPI_SOURCE: source,
  }),
  parents: {},
  base: source === "source",
});

export const definitions: Readonly<Record<ImageKey, ImageDefinition>> = {
  client: {
    dockerfile: "images/client/Dockerfile",
    sources: ["images/client"],
    args: (request) => ({
      CLAUDE_CODE_VERSION: request.clientVersion,
      CLIENT_UID: uid(request),
      CLIENT_GID: String(request.gid),
    }),
    parents: {},
    base: true,
  },
  router: {
    dockerfile: "images/router/Dockerfile",
    sources: ["images/router", "package.json", "package-lock.json", "config", "src"],
    args: (request) => ({ CLIENT_UID: uid(request) }),
    parents: {},
    base: true,
  },
  "fused-router": {
    dockerfile: "images/fused-router/Dockerfile",
    sources: ["images/fused-router"],
    args: () => ({}),
    parents: { CLIENT: "client", ROUTER: "router" },
    base: false,
  },
  litellm: litellm("pypi"),
  "litellm-official": litellm("official"),
  cliproxyapi: cliproxyapi("source"),
  "cliproxyapi-official": cliproxyapi("official"),
  "fused-litellm": {
    dockerfile: "images/fused-litellm/Dockerfile",
    sources: ["images/fused-litellm"],
    args: () => ({}),
    // The official image is of another distribution: its Python would not run on the client's.
    parents: { CLIENT: "client", ROUTER: "router", LITELLM: "litellm" },
    base: true,
  },
};

/** The user's own files, profiles (a container gets them inside its configuration), and what Python leaves beside sources that ran: they lie beside the project's and are no part of an image. */
const isNoSource = (path: string): boolean =>
  path === "config/switchyard.yaml" ||
  /^config\/[^/]*\.local\.yaml$/.test(path) ||
  path.startsWith("config/profile") ||
  path.includes("/__pycache__/");

/** Twelve hex digits over all that an image is made of: its sources, its arguments, its parents, its base. */
const hashOf = (key: ImageKey, request: ImageRequest, base: string): string => {
  const { sources, args, parents } = definitions[key];
  const ofParents = Object.fromEntries(
    Object.entries(parents).map(([argument, parent]) => [argument, hashOf(parent, request, base)]),
  );
  // Where the usual base is meant, what it would be made of: a new Node there is a new image here.
  const ofBase = base === "" ? contentHash(request.root, ["images/base"], {}) : base;
  return contentHash(request.root, sources, { ...args(request), ...ofParents, BASE: ofBase }, isNoSource);
};

/** Full name of an image. @param base SWITCHYARD_BASE */
export const keyedName = (key: ImageKey, request: ImageRequest, base = ""): string =>
  `switchyard/${definitions[key].dockerfile.split("/")[1]}:${hashOf(key, request, base)}`;

/** An image with all that it is made from, each once, parents first. */
export const chainOf = (key: ImageKey): ImageKey[] => [
  ...new Set([...Object.values(definitions[key].parents).flatMap(chainOf), key]),
];
