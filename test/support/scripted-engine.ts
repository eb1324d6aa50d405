/** What Docker's Engine answers over its socket (docs.docker.com/reference/api/engine), as far as it is asked: for machines that have none. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { type Socket } from "node:net";
import { connect, type Engine } from "../../src/engine/connect.ts";

export interface EngineWorld {
  /** Names of the images that it has. */
  readonly images?: readonly string[];
  /** Why its registry refuses; undefined: it has everything. */
  readonly registry?: string;
  /** As the engine lists them; those that are removed are gone from here. */
  readonly containers?: Record<string, unknown>[];
  /** Where it says that it keeps its images. */
  readonly folder?: string;
}

export interface ScriptedEngine {
  readonly engine: Engine;
  close(): void;
}

const json = (answer: ServerResponse, status: number, value: unknown): void =>
  void answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

const serve = (world: EngineWorld, method: string, path: string, answer: ServerResponse): void => {
  const { images = [], registry, containers = [], folder } = world;
  const image = /^\/(images|distribution)\/(.+)\/json$/.exec(path);
  const name = decodeURIComponent(image?.[2] ?? "");
  const container = /^\/containers\/([^/]+)$/.exec(path)?.[1];
  if (path === "/_ping") return void answer.end("OK");
  if (path === "/info") return json(answer, 200, { NCPU: 1, ServerVersion: "27.1", DockerRootDir: folder });
  if (image?.[1] === "images")
    return images.includes(name)
      ? json(answer, 200, { Id: name })
      : json(answer, 404, { message: `No such image: ${name}` });
  if (image?.[1] === "distribution")
    return registry === undefined ? json(answer, 200, {}) : json(answer, 500, { message: registry });
  if (path === "/containers/json") return json(answer, 200, containers);
  if (method === "DELETE" && container !== undefined) {
    containers.splice(
      containers.findIndex(({ Id }) => Id === container),
      1,
    );
    return void answer.writeHead(204).end();
  }
  if (path === "/networks") return json(answer, 200, []);
  if (path === "/volumes") return json(answer, 200, { Volumes: [] });
  json(answer, 404, { message: `page not found: ${method} ${path}` });
};

/** @param socket where it is to listen; @param env of the commands that are run for it */
export const startEngine = async (
  socket: string,
  world: EngineWorld,
  env: NodeJS.ProcessEnv,
): Promise<ScriptedEngine> => {
  const server: Server = createServer((request, answer) => {
    const path = (request.url ?? "").replace(/\?.*/, "").replace(/^\/v[\d.]+(?=\/)/, "");
    serve(world, request.method ?? "", path, answer);
  });
  const open = new Set<Socket>();
  server.on("connection", (each) => open.add(each));
  await new Promise<void>((done) => void server.listen(socket, done));
  return {
    engine: await connect({ ...env, DOCKER_HOST: `unix://${socket}` }),
    close: () => {
      server.close();
      for (const each of open) each.destroy();
    },
  };
};
