/** What routers that share their state say to each other: JSON, a line each, on a socket of the state folder. */
import type { Socket } from "node:net";
import { parseJsonObject, type JsonObject } from "../../shared/json.ts";

/** Longer than any command. */
const longest = 16 * 1024 * 1024;

/** Tells of each line that comes; who sends what is none is cut off. */
export const onLines = (socket: Socket, tell: (line: JsonObject) => void): void => {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    // What is said in one go is answered in one go.
    socket.cork();
    for (const line of lines) {
      const said = parseJsonObject(line);
      if (said === undefined) socket.destroy();
      else tell(said);
    }
    socket.uncork();
    if (rest.length > longest) socket.destroy();
  });
};

export const say = (socket: Socket, line: JsonObject): void => {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
};

/** The first line of the router that holds the tables. */
export interface Hello {
  /** Of Switchyard: another one may know other commands. */
  readonly version: string;
}
