/**
 * One line for Claude Code's `statusLine` setting: where the session's turns go, what they cost, how much came from caches, what is left of a budget. A copy of this
 * file runs where nothing else of Switchyard is (see status-line-copy.ts): of other modules of ours it imports `dollars` and types alone. What the client gives a status
 * line on stdin and in its environment was observed with Claude Code 2.1.329.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { dollars } from "../shared/dollars.ts";
import type { Environment } from "../shared/paths.ts";
import type { SessionAnswer, SessionBudget, SessionTurn } from "../shared/session-answer.ts";

/** What the client says on stdin, as far as it is shown. Any of it may be missing. */
export interface ClientSays {
  readonly session_id?: string;
  readonly model?: { readonly id?: string; readonly display_name?: string };
  readonly context_window?: { readonly used_percentage?: number | null };
}

/** What came of the question to the router. `other`: whoever answers there is no router of ours. */
export type Asked =
  | { readonly kind: "session"; readonly answer: SessionAnswer }
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "problem"; readonly problem: string };

type Colour = "plain" | "strong" | "dim" | "warning" | "alarm";
interface Part {
  readonly text: string;
  readonly colour: Colour;
}

const codes: Readonly<Record<Colour, string>> = {
  plain: "",
  strong: "\u001B[36m",
  dim: "\u001B[2m",
  warning: "\u001B[33m",
  alarm: "\u001B[31m",
};

/** The whole of a stream. `node:stream/consumers` would take longer to load than the rest of this takes to run. */
const textOf = (stream: NodeJS.ReadableStream): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    stream.setEncoding("utf8");
    stream
      .on("data", (part: string) => (text += part))
      .on("end", () => resolve(text))
      .on("error", reject);
  });

/** Names come from clients, providers and servers: none of them may steer the terminal. */
const clean = (text: string): string => text.replaceAll(/\p{C}/gu, "");

const part = (text: string, colour: Colour = "plain"): Part => ({ text: clean(text), colour });

/** There is little room: whole dollars go without cents. */
const shortDollars = (amount: number): string => dollars(amount).replace(/\.00$/, "");

/** A cost that is not known is said as that, never as nothing. */
const costOf = ({ cost, unpriced, unreported, failed }: SessionAnswer): Part => {
  // One that failed cost nothing for the most part.
  const unknown = unpriced > 0 || unreported > failed;
  if (cost === null) return unknown ? part("cost ?", "warning") : part("$0");
  return part(`${shortDollars(cost)}${unknown ? "+?" : ""}`);
};

const cacheOf = ({ cacheShare }: SessionAnswer): Part[] =>
  cacheShare === null ? [] : [part(`${Math.floor(cacheShare * 100)}% cached`)];

const contextOf = ({ context_window: window }: ClientSays): Part[] => {
  const used = window?.used_percentage;
  return typeof used === "number" ? [part(`context ${Math.round(used)}%`, "dim")] : [];
};

const periods = { day: "today", week: "this week", month: "this month" } as const;

const leftShare = ({ left, limit }: SessionBudget): number => (limit > 0 ? left / limit : 0);

/** The budget that is nearest to its limit. */
const budgetOf = ({ budgets }: SessionAnswer, short: boolean): Part[] => {
  const [nearest] = budgets.toSorted((a, b) => leftShare(a) - leftShare(b));
  if (nearest === undefined) return [];
  const { left, limit, per, unpriced } = nearest;
  if (left === 0) return [part(short ? "budget used up" : `budget used up ${periods[per]}`, "alarm")];
  // Rounded down: what is shown is there.
  const most = `${unpriced > 0 ? "≤" : ""}${shortDollars(left < 0.1 ? left : Math.floor(left * 100) / 100)}`;
  const text = short ? `${most} left` : `${most} of ${shortDollars(limit)} left ${periods[per]}`;
  return [part(text, leftShare(nearest) < 0.2 ? "warning" : "plain")];
};

/** @param length `full`: provider, model, rule; `rule`: without the provider; `model`: the model alone */
const targetOf = (last: SessionTurn | null, length: "full" | "rule" | "model"): Part[] => {
  if (last === null) return [part("Switchyard", "strong"), part("no turn yet", "dim")];
  const { target, rule, outcome, error } = last;
  // `openrouter,x-ai/grok-4.1-fast`: what the model is called at its maker.
  const model = target.slice(target.indexOf(",") + 1);
  const name = length === "full" ? target : model.slice(model.lastIndexOf("/") + 1);
  const shown = part(length === "model" ? name : `${name} (${rule})`, "strong");
  if (outcome === "failed") return [shown, part(length === "model" ? "failed" : `failed: ${error}`, "alarm")];
  return outcome === "cut" ? [shown, part("broke off", "alarm")] : [shown];
};

/** The same ever shorter, what is missed least left out first. */
const formsOf = (says: ClientSays, asked: Asked): Part[][] => {
  if (asked.kind === "problem") return [[part(`Switchyard: ${asked.problem}`, "warning")]];
  const context = contextOf(says);
  if (asked.kind === "other") {
    const model = [says.model?.display_name, says.model?.id].find((each) => typeof each === "string");
    const known = [part(asked.name, "strong"), ...(model === undefined ? [] : [part(model)])];
    const uncounted = part("cost not counted here", "dim");
    return [[...known, uncounted, ...context], [...known, ...context], known];
  }
  const { answer } = asked;
  const cost = answer.turns === 0 ? [] : [costOf(answer)];
  const [cache, long, short] = [cacheOf(answer), budgetOf(answer, false), budgetOf(answer, true)];
  const target = (length: "full" | "rule" | "model"): Part[] => targetOf(answer.last, length);
  return [
    [...target("full"), ...cost, ...cache, ...long, ...context],
    [...target("full"), ...cost, ...cache, ...short, ...context],
    [...target("full"), ...cost, ...cache, ...short],
    [...target("rule"), ...cost, ...cache, ...short],
    [...target("model"), ...cost, ...cache, ...short],
    [...target("model"), ...cost, ...short],
  ];
};

const separator = " · ";
const lengthOf = (parts: readonly Part[]): number => parts.map(({ text }) => text).join(separator).length;

/** Cuts the first part, whose beginning says most, and where that is not enough leaves out the last ones. */
const cut = (parts: readonly Part[], width: number): Part[] => {
  const [first, ...rest] = parts;
  if (first === undefined) return [];
  const room = width - (lengthOf(parts) - first.text.length);
  if (room < 8 && rest.length > 0) return cut(parts.slice(0, -1), width);
  const text =
    first.text.length <= room ? first.text : `${first.text.slice(0, Math.max(0, room - 1)).toWellFormed()}…`;
  return [{ ...first, text }, ...rest];
};

/** @param width columns that the line may fill @param colours false: plain text */
export const statusLine = (says: ClientSays, asked: Asked, width: number, colours: boolean): string => {
  const forms = formsOf(says, asked);
  const parts = forms.find((each) => lengthOf(each) <= width) ?? cut(forms.at(-1)!, width);
  return parts
    .map(({ text, colour }) => (colours && codes[colour] !== "" ? `${codes[colour]}${text}\u001B[0m` : text))
    .join(separator);
};

/** The client gives its terminal's width, and keeps four columns of it for itself. */
const widthOf = (env: Environment): number => {
  const columns = Number(env["COLUMNS"]);
  return Number.isInteger(columns) && columns >= 20 ? columns - 4 : 76;
};

/** The client takes colours through a pipe; by hand they are for terminals. https://no-color.org */
const takesColours = (env: Environment, terminal: boolean): boolean =>
  (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb" && (terminal || env["CLAUDECODE"] === "1");

const readIfThere = (file: URL): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

const objectOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** Where the client's next turn goes, and what it is called where that is known. */
interface Connection {
  readonly env: Environment;
  readonly target: string | undefined;
}

/** In a container a copy of this lies beside the client's managed settings, which a switch changes while sessions run. On the host a variable names the target. */
const connectionOf = (inherited: Environment): Connection => {
  const settings = objectOf(readIfThere(new URL("managed-settings.json", import.meta.url)));
  const shell = readIfThere(new URL("target.env", import.meta.url));
  return {
    env: { ...inherited, ...(settings["env"] as Environment | undefined) },
    target: /^# target: (.*)$/m.exec(shell)?.[1] ?? inherited["SWITCHYARD_TARGET"],
  };
};

/** The key as the client sends it: where the user's own login travels beside it, in a header of its own. */
const credentials = (env: Environment): Record<string, string> => {
  const own = /^x-switchyard-key:\s*(\S+)/im.exec(env["ANTHROPIC_CUSTOM_HEADERS"] ?? "")?.[1];
  if (own !== undefined) return { "x-switchyard-key": own };
  const { ANTHROPIC_AUTH_TOKEN: token, ANTHROPIC_API_KEY: key } = env;
  if (token !== undefined && token !== "") return { authorization: `Bearer ${token}` };
  return key === undefined || key === "" ? {} : { "x-api-key": key };
};

/** The session, and the profile that it is on: which budgets count for it goes by both. */
const circumstances = (session: string, env: Environment): Record<string, string> => {
  const profile = /^x-switchyard-profile:\s*(\S+)/im.exec(env["ANTHROPIC_CUSTOM_HEADERS"] ?? "")?.[1];
  return {
    "x-claude-code-session-id": session,
    ...(profile !== undefined && { "x-switchyard-profile": profile }),
  };
};

interface Answer {
  readonly status: number;
  /** Whether it bears a `request-id`, as every answer of the router does. */
  readonly numbered: boolean;
  readonly body: string;
}

/** A line that comes late is none: the client starts the next one. Milliseconds. */
const patience = 1_500;

/**
 * One question in HTTP/1.0, whose answers come in one piece and end with the connection. To load `node:http` takes longer than everything
 * else here together (40 ms of CPU, Node 24), and this runs several times a minute for each session.
 */
const getPlain = async (url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> => {
  const { hostname, port, host, pathname } = url;
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${clean(value)}`);
  // An IPv6 address stands in brackets in a URL.
  const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || 80) });
  socket.setTimeout(patience, () => socket.destroy(new Error("nothing came")));
  socket.write([`GET ${pathname} HTTP/1.0`, ...lines, "", ""].join("\r\n"));
  const [head = "", ...body] = (await textOf(socket)).split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1] ?? 0),
    numbered: /^request-id:/im.test(head),
    body: body.join("\r\n\r\n"),
  };
};

/** The same over TLS, which no router on this machine has. */
const getSecurely = async (url: URL, headers: Readonly<Record<string, string>>): Promise<Answer> => {
  const answer = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(patience) });
  return {
    status: answer.status,
    numbered: answer.headers.has("request-id"),
    body: await answer.text(),
  };
};

/** Asks the router of the session. Never rejects. */
const ask = async (session: string, { env, target }: Connection): Promise<Asked> => {
  const base = (env["ANTHROPIC_BASE_URL"] ?? "").replace(/\/+$/, "").replace(/\/v1$/, "");
  if (base === "") return { kind: "problem", problem: "no router: ANTHROPIC_BASE_URL is not set" };
  if (!URL.canParse(base)) return { kind: "problem", problem: "ANTHROPIC_BASE_URL is no address" };
  const { host, hostname } = new URL(base);
  // The stack's own router is called so; its other services have no such figures, and an address may be a router's.
  if (target !== undefined && target !== "router" && !URL.canParse(target))
    return { kind: "other", name: target };
  if (/(^|\.)anthropic\.com$/.test(hostname)) return { kind: "other", name: "Anthropic" };
  try {
    const url = new URL(`${base}/sessions/${encodeURIComponent(session)}`);
    const get = url.protocol === "https:" ? getSecurely : getPlain;
    const { status, numbered, body } = await get(url, {
      ...credentials(env),
      ...circumstances(session, env),
    });
    const told = objectOf(body);
    if (status === 200 && Array.isArray(told["budgets"]))
      return { kind: "session", answer: told as unknown as SessionAnswer };
    const { message } = objectOf(JSON.stringify(told["error"] ?? {}));
    if (numbered && typeof message === "string") return { kind: "problem", problem: message };
    // What stands before LiteLLM says that the path is not for this key.
    return { kind: "other", name: /litellm/i.test(body) ? "LiteLLM" : host };
  } catch {
    return { kind: "problem", problem: `the router at ${host} does not answer` };
  }
};

/** Prints the line. Whatever happens it prints one, and ends well: the client would show none of a command that fails. */
export const main = async (): Promise<void> => {
  const { env, stdin, stdout } = process;
  const says: ClientSays = objectOf(stdin.isTTY ? "" : await textOf(stdin).catch(() => ""));
  // What comes on stdin may be anything.
  const named: unknown = says.session_id ?? env["CLAUDE_CODE_SESSION_ID"];
  const session = typeof named === "string" ? named : "";
  const asked: Asked =
    session === ""
      ? { kind: "problem", problem: "no session: for Claude Code's statusLine setting" }
      : await ask(session, connectionOf(env));
  const line = (shown: Asked): string =>
    statusLine(says, shown, widthOf(env), takesColours(env, stdout.isTTY));
  let text: string;
  try {
    text = line(asked);
  } catch {
    // It may be a router of another version.
    text = line({ kind: "problem", problem: "its answer cannot be understood" });
  }
  stdout.write(`${text}\n`);
};
