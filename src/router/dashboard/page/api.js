/** Calls of the router's own endpoints. Whoever is not signed in any more is told so once, by the event `signed-out`. */
import { again } from "./again.js";
import { useCallback, useEffect, useRef, useState } from "./ui.js";

export class CallError extends Error {
  /** @param answer what the router said, as it came */
  constructor(status, message, answer) {
    super(message);
    this.status = status;
    this.answer = answer;
  }
}

/** Sent with every change: no page of another origin can set it, and the session's cookie alone changes nothing. */
let csrf = "";
export const useCsrf = (token) => {
  csrf = token;
};

const answerOf = async (response) => {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Another tab may have begun another session since: its token is taken. @returns whether there is a new one */
const renewCsrf = async () => {
  const response = await fetch("/api/session", { cache: "no-store" });
  const { signedIn, csrf: now } = await response.json();
  if (signedIn !== true || now === csrf) return false;
  csrf = now;
  return true;
};

/** @returns what the endpoint answers; @throws CallError with the router's words */
export const call = async (method, path, body, headers = {}) => {
  try {
    return await callOnce(method, path, body, headers);
  } catch (error) {
    if (error.status === 403 && method !== "GET" && (await renewCsrf().catch(() => false)))
      return callOnce(method, path, body, headers);
    throw error;
  }
};

const callOnce = async (method, path, body, headers) => {
  const ask = () =>
    fetch(path, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(method !== "GET" && csrf !== "" && { "x-switchyard-csrf": csrf }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  let response;
  try {
    // A change may have been made though its answer was lost; to sign in twice harms nobody.
    response = await (method === "GET" || path === "/api/login" ? again(ask) : ask());
  } catch {
    throw new CallError(0, "The router does not answer. Does it run?");
  }
  const answer = await answerOf(response);
  if (response.ok) return answer;
  const message =
    typeof answer === "object" && answer !== null ? (answer.error?.message ?? "") : String(answer);
  if (response.status === 401 && path !== "/api/login") dispatchEvent(new Event("signed-out"));
  throw new CallError(response.status, message || `The router answered ${response.status}`, answer);
};

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

/**
 * What an endpoint answers, kept up to date. A page in the background does not ask.
 * @param path undefined: not yet
 * @param every milliseconds between two questions; undefined: once
 */
export const useAnswer = (path, every) => {
  const [state, setState] = useState({ data: undefined, error: undefined, path: undefined });
  const latest = useRef(path);
  latest.current = path;
  const load = useCallback(async () => {
    if (path === undefined) return;
    try {
      const data = await get(path);
      if (latest.current === path) setState({ data, error: undefined, path });
    } catch (error) {
      if (latest.current === path) setState((before) => ({ ...before, error }));
    }
  }, [path]);
  useEffect(() => {
    void load();
    if (every === undefined) return undefined;
    const timer = setInterval(() => document.hidden || load(), every);
    return () => clearInterval(timer);
  }, [load, every]);
  return { data: state.data, error: state.error, stale: state.path !== path, reload: load };
};
