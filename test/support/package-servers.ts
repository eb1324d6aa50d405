/** A Python package index and a Go module proxy on loopback, each with small packages of the test's own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { zip } from "./zip.ts";

export interface PackageServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): void;
}

/** @param answer of a path, or undefined: 404 */
const serve = async (
  answer: (path: string) => { type: string; body: string | Buffer } | undefined,
): Promise<PackageServer> => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const found = answer(path);
    response.writeHead(found === undefined ? 404 : 200, { "content-type": found?.type ?? "text/plain" });
    response.end(found?.body ?? "not found");
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** A wheel of pure Python. @param files path -> text */
const wheel = (name: string, version: string, files: Readonly<Record<string, string>>): Buffer => {
  const info = `${name}-${version}.dist-info`;
  const all = {
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nProvides-Extra: proxy\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  };
  const record = `${info}/RECORD`;
  return zip({ ...all, [record]: [...Object.keys(all), record].map((path) => `${path},,\n`).join("") });
};

/**
 * By the simple repository API (PEP 503): one package in several versions. Its address for pip is `<url>/simple/`.
 * @param versions version -> path -> text
 */
export const startPythonIndex = (
  name: string,
  versions: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<PackageServer> => {
  const wheels = new Map(
    Object.entries(versions).map(([version, files]) => [
      `${name}-${version}-py3-none-any.whl`,
      wheel(name, version, files),
    ]),
  );
  return serve((path) => {
    if (path === `/simple/${name}/`) {
      const links = [...wheels.keys()].map((file) => `<a href="/files/${file}">${file}</a>`);
      return { type: "text/html", body: `<!DOCTYPE html><html><body>${links.join("\n")}</body></html>` };
    }
    const body = wheels.get(path.replace("/files/", ""));
    return body && { type: "application/octet-stream", body };
  });
};

/**
 * By the module proxy protocol (go.dev/ref/mod#goproxy-protocol): one module in several versions, the last the latest. Capital letters
 * of its path come as `!` and the small one.
 * @param versions version with its `v` -> path -> text; go.mod is added
 */
export const startGoProxy = (
  module: string,
  versions: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<PackageServer> => {
  const root = `/${module.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}`;
  const info = (version: string): { type: string; body: string } => ({
    type: "application/json",
    body: JSON.stringify({ Version: version, Time: "2026-01-02T03:04:05Z" }),
  });
  const goMod = `module ${module}\n\ngo 1.19\n`;
  return serve((path) => {
    if (path === `${root}/@latest`) return info(Object.keys(versions).at(-1) ?? "");
    if (path === `${root}/@v/list`) return { type: "text/plain", body: Object.keys(versions).join("\n") };
    const [, version = "", form] = /@v\/(v.+)\.(info|mod|zip)$/.exec(path) ?? [];
    const files = path.startsWith(`${root}/@v/`) ? versions[version] : undefined;
    if (files === undefined) return undefined;
    if (form === "info") return info(version);
    if (form === "mod") return { type: "text/plain", body: goMod };
    const within = Object.entries({ "go.mod": goMod, ...files });
    return {
      type: "application/zip",
      body: zip(Object.fromEntries(within.map(([file, text]) => [`${module}@${version}/${file}`, text]))),
    };
  });
};
