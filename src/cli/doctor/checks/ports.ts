/** The ports of the configuration are free, or ours. */
import { messageOf } from "../../../shared/errors.ts";
import { parseJsonObject } from "../../../shared/json.ts";
import { portOwner, processOn } from "../../../engine/ports.ts";
import { bad, type Check, type Found, note, ok, type Patient } from "../check.ts";

interface Wanted {
  readonly what: string;
  readonly key: string;
  readonly port: number;
  readonly host: string;
}

const wantedPorts = ({ loaded, engine }: Patient): Wanted[] => {
  if (loaded === undefined) return [];
  const { server, stack } = loaded.config;
  const services = [
    { what: "LiteLLM", key: "stack.litellm.port", port: stack.litellm.port },
    ...(stack.cliproxyapi.enabled
      ? [{ what: "CLIProxyAPI", key: "stack.cliproxyapi.port", port: stack.cliproxyapi.port }]
      : []),
  ];
  return [
    { what: "the router", key: "server.port", port: server.port, host: server.host },
    // Only in containers these are published.
    ...(engine === undefined ? [] : services.map((each) => ({ ...each, host: "127.0.0.1" }))),
  ].filter(({ port }) => port !== 0);
};

/** A router of ours that runs in the foreground holds the port rightly. */
const isOurs = async ({ host, port }: Wanted): Promise<boolean> => {
  try {
    const name = host.includes(":") ? `[${host}]` : host;
    const answer = await fetch(`http://${name}:${port}/api/hello`, { signal: AbortSignal.timeout(1_000) });
    return parseJsonObject(await answer.text())?.["service"] === "switchyard";
  } catch {
    return false;
  }
};

const look = async (wanted: Wanted, { engine, loaded }: Patient): Promise<Found> => {
  const { port, host, key, what } = wanted;
  const owner =
    engine === undefined || loaded === undefined
      ? await processOn(port, host)
      : (await portOwner(engine, port, { host, project: loaded.project }))?.owner;
  if (owner === undefined) return ok(`${port} is free for ${what}, or its own`);
  if (await isOurs(wanted)) return ok(`${port}: a router of Switchyard answers (${owner})`);
  const todo = `Stop that, or set ${key} to another port, or to 0 for a free one.`;
  return what === "the router"
    ? bad(`${port} is meant for ${what}, and ${owner} holds it`, todo)
    : note(`${port} is meant for ${what}, and ${owner} holds it`, todo);
};

export const ports: Check = {
  name: "ports",
  about: "ports of router, LiteLLM and CLIProxyAPI",
  run: (patient) =>
    Promise.all(
      wantedPorts(patient).map((wanted) =>
        look(wanted, patient).catch((error: unknown) =>
          note(`${wanted.port}: it cannot be told who holds it (${messageOf(error)})`),
        ),
      ),
    ),
};
