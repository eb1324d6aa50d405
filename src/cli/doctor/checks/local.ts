/** Servers on this machine that a route or the search uses: does anything listen there? */
import { connect } from "node:net";
import { localProviders, localSearch } from "../../../config/container.ts";
import { type Check, note, ok } from "../check.ts";
import { usedProviders } from "../used.ts";

export const local: Check = {
  name: "local",
  about: "servers of this machine that your routes name",
  run: ({ loaded }) => {
    if (loaded === undefined) return [];
    const used = new Set(usedProviders(loaded).map(({ name }) => name));
    const found = localProviders(loaded.source).filter(({ name }) => used.has(name));
    const search = loaded.config.search === undefined ? undefined : localSearch(loaded.source);
    if (search !== undefined) found.push({ name: "search", baseUrl: search });
    return Promise.all(
      found.map(async ({ name, baseUrl }) => {
        const url = new URL(baseUrl);
        const isOpen = await listens(
          url.hostname,
          Number(url.port || (url.protocol === "https:" ? 443 : 80)),
        );
        return isOpen
          ? ok(`${name} listens at ${url.host}`)
          : note(
              `${name}: nothing listens at ${url.host}`,
              "Start that server. For a container it must listen on all interfaces (Ollama: OLLAMA_HOST=0.0.0.0).",
            );
      }),
    );
  },
};

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
