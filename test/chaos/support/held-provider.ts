/** A provider that holds every answer until it is told to go on, as a process of its own. `GET /held`: how many it holds. `GET /go`: answers them, and all that come. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { formOf } from "../../support/provider/server.ts";
import { usageOfTurn } from "./open-usage.ts";

const held: (() => void)[] = [];
let going = false;

const answer = (url: string, text: string, response: ServerResponse): void => {
  const { model = "", stream = false } = JSON.parse(text) as { model?: string; stream?: boolean };
  const said = { text: "Held.", usage: usageOfTurn(Number(/TURN:(\d+)/.exec(text)?.[1])) };
  const form = formOf(url);
  response.setHeader("content-type", stream ? "text/event-stream" : "application/json");
  response.end(stream ? form.stream(said, model) : form.message(said, model));
};

const server = createServer((request, response) => {
  const url = request.url ?? "";
  if (url === "/held") {
    response.end(String(held.length));
    return;
  }
  if (url === "/go") {
    going = true;
    for (const each of held.splice(0)) each();
    response.end();
    return;
  }
  let text = "";
  request.setEncoding("utf8").on("data", (part: string) => (text += part));
  request.on("end", () => {
    const go = (): void => answer(url, text, response);
    if (going) go();
    else held.push(go);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
