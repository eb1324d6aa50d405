/**
 * Who may administrate the router: whoever has the administrator's token (for people and scripts), a session that was begun with it (for the dashboard), or the
 * secret of this machine (for the CLI of the user who runs it). A client key does not: it lies in containers in which any program runs.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import type { Config } from "../../config/types.ts";
import {
  accessFiles,
  adminHeader,
  provideMachineSecret,
  readMachineSecret,
  writeAccessFile,
} from "../../shared/access-files.ts";
import { adminFileText, adminTokenPrefix, parseAdminFile } from "../../shared/admin-token.ts";
import { routerStateDir } from "../../shared/container-layout.ts";
import { SwitchyardError } from "../../shared/errors.ts";
import type { Logger } from "../../shared/log.ts";
import { WatchedFile } from "../clients/watched-file.ts";
import type { RouterState } from "../state/state.ts";
import { requireOwnOrigin } from "./origin.ts";
import { beginAttempt, beginSession, endSession, forgive, lookAtSession, useSession } from "./sessions.ts";

export const csrfHeader = "x-switchyard-csrf";

/** Of a request: what the access goes by. */
export interface AdminRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Where it comes from. */
  readonly address: string;
}

export interface Session {
  /** To be sent in `csrfHeader` with every request that changes something. */
  readonly csrf: string;
  /** The whole Set-Cookie header. */
  readonly cookie: string;
}

export interface AdminOptions {
  /** Folder of the files; undefined: in memory, for tests and for whoever wants no administration. */
  readonly folder: string | undefined;
  readonly state: RouterState;
  readonly log: Pick<Logger, "error" | "warn" | "info">;
  readonly now?: () => number;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const same = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)));
const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

export class AdminAccess {
  readonly #options: AdminOptions;
  readonly #file: WatchedFile<string | undefined> | undefined;
  readonly #now: () => number;
  /** Without a folder. */
  readonly #ownSecret = `sm-${randomBytes(32).toString("base64url")}`;
  #ownToken: string | undefined;

  constructor(options: AdminOptions) {
    this.#options = options;
    const { folder, log, now = Date.now } = options;
    this.#now = now;
    if (folder === undefined) return;
    this.#file = new WatchedFile({
      file: join(folder, accessFiles.admin),
      parse: parseAdminFile,
      onProblem: ({ code, message }) => log.error({ code }, message),
      now,
    });
    try {
      provideMachineSecret(folder);
    } catch (error) {
      if (!(error instanceof SwitchyardError)) throw error;
      log.warn({ code: error.code }, `the CLI cannot administrate this router: ${error.message}`);
    }
  }

  /** The secret of this machine. Never shown. */
  get machineSecret(): string | undefined {
    const { folder } = this.#options;
    return folder === undefined ? this.#ownSecret : readMachineSecret(folder);
  }

  /** It has the folder of a container's router. */
  get inContainer(): boolean {
    return this.#options.folder === routerStateDir;
  }

  /** Whether a token was made that opens the dashboard. */
  get hasToken(): boolean {
    return this.#tokenHash() !== undefined;
  }

  #tokenHash(): string | undefined {
    return this.#file === undefined ? this.#ownToken : this.#file.read();
  }

  /** Takes another token; sessions of the one before end. @param hash SHA-256 in hex */
  replaceToken(hash: string): void {
    if (this.#file === undefined) this.#ownToken = hash;
    else {
      writeAccessFile(this.#file.file, adminFileText(hash, this.#now()));
      this.#file.read(true);
    }
  }

  /** @throws SwitchyardError admin.needed, admin.wrong, admin.slow, admin.foreign */
  async require(request: AdminRequest, config: Config): Promise<void> {
    requireOwnOrigin(request.headers, config);
    const tokens = tokensIn(request.headers);
    if (tokens.length > 0) {
      await this.#requireToken(tokens, request.address);
      return;
    }
    const session = await this.#session(request, config);
    if (session === undefined) throw new SwitchyardError("admin.needed");
    if (request.method === "GET" || request.method === "HEAD") return;
    const given = headerOf(request.headers, csrfHeader);
    if (given === undefined || !same(given, csrfOf(session)))
      throw new SwitchyardError("admin.foreign", {
        detail: `${csrfHeader} is missing or wrong`,
        hint: "Load the page again.",
      });
  }

  /** Whether what a request was let in with still opens: for an answer that goes on. Prolongs nothing, and counts as no attempt. */
  async stillOpen({ headers }: Pick<AdminRequest, "headers">): Promise<boolean> {
    const hash = this.#tokenHash();
    const tokens = tokensIn(headers);
    if (tokens.length > 0) return this.#isSecret(tokens) || isOf(hash, tokens);
    if (hash === undefined) return false;
    for (const id of cookiesIn(headers))
      if (await this.#options.state.call(lookAtSession, { id: sha256(id), token: hash })) return true;
    return false;
  }

  /** Begins a session. @throws SwitchyardError admin.wrong, admin.slow, admin.foreign */
  async login(token: string, request: AdminRequest, config: Config): Promise<Session> {
    requireOwnOrigin(request.headers, config);
    await this.#requireToken([token], request.address);
    const id = randomBytes(32).toString("base64url");
    const lasts = config.admin.session;
    await this.#options.state.call(beginSession, { id: sha256(id), token: this.#tokenHash() ?? "", lasts });
    this.#options.log.info(
      { code: "admin.login", address: request.address },
      "somebody signed in to the dashboard",
    );
    return { csrf: csrfOf(id), cookie: setCookie(request.headers, id, Math.floor(lasts / 1_000)) };
  }

  /** The session of a request, for a page that was loaded anew; undefined: there is none. */
  async session(request: AdminRequest, config: Config): Promise<{ readonly csrf: string } | undefined> {
    requireOwnOrigin(request.headers, config);
    const id = await this.#session(request, config);
    return id === undefined ? undefined : { csrf: csrfOf(id) };
  }

  /** Ends the session of a request. @returns the Set-Cookie header that takes the cookie away */
  async logout(request: AdminRequest): Promise<string> {
    for (const id of cookiesIn(request.headers))
      await this.#options.state.call(endSession, { id: sha256(id) });
    return setCookie(request.headers, "", 0);
  }

  async #session({ headers }: AdminRequest, config: Config): Promise<string | undefined> {
    const token = this.#tokenHash();
    if (token === undefined) return undefined;
    for (const id of cookiesIn(headers)) {
      const args = { id: sha256(id), token, lasts: config.admin.session };
      if (await this.#options.state.call(useSession, args)) return id;
    }
    return undefined;
  }

  #isSecret(tokens: readonly string[]): boolean {
    const secret = this.machineSecret;
    return secret !== undefined && tokens.some((token) => same(token, secret));
  }

  /** One of them must be right; all of a request are one attempt. */
  async #requireToken(tokens: readonly string[], from: string): Promise<void> {
    const { state, log } = this.#options;
    // The secret of the machine is not slowed: whoever guesses at tokens must not lock out the CLI.
    if (this.#isSecret(tokens)) return;
    const until = await state.call(beginAttempt, { from });
    if (until > 0) {
      const wait = String(Math.max(1, Math.ceil((until - this.#now()) / 1_000)));
      throw new SwitchyardError("admin.slow", {
        hint: `Try again in ${wait} s.`,
        headers: { "retry-after": wait },
      });
    }
    if (!isOf(this.#tokenHash(), tokens)) {
      log.warn({ code: "admin.wrong", address: from }, "somebody sent a wrong token of the administrator");
      throw new SwitchyardError("admin.wrong");
    }
    await state.call(forgive, { from });
  }
}

/** Whether one of the tokens has this hash. */
const isOf = (hash: string | undefined, tokens: readonly string[]): boolean =>
  hash !== undefined && tokens.some((token) => same(sha256(token), hash));

/** Tokens of ours in `x-switchyard-admin` and as a bearer; any other bearer is a client's key. */
const tokensIn = (headers: IncomingHttpHeaders): readonly string[] => {
  const own = headerOf(headers, adminHeader) ?? "";
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1]?.trim() ?? "";
  return [...(own === "" ? [] : [own]), ...(bearer.startsWith(adminTokenPrefix) ? [bearer] : [])];
};

/** Out of the session's id, which no script can read: a page of ours is told, another cannot know. */
const csrfOf = (session: string): string => createHmac("sha256", session).update("csrf").digest("base64url");

/** Cookies do not know ports: two routers of one address would take each other's. */
const cookieName = ({ host }: IncomingHttpHeaders): string =>
  `switchyard_${/:(\d+)$/.exec(host ?? "")?.[1] ?? "80"}`;

/** So many of one name are looked at. */
const mostCookies = 5;

/** All of our name: a page of another port or path of this host can have the browser send one of its own first. */
const cookiesIn = (headers: IncomingHttpHeaders): readonly string[] => {
  const wanted = `${cookieName(headers)}=`;
  return (headers.cookie ?? "")
    .split(";")
    .map((each) => each.trim())
    .filter((each) => each.startsWith(wanted) && each.length > wanted.length)
    .slice(0, mostCookies)
    .map((each) => each.slice(wanted.length));
};

/** Not `Secure`: the router speaks HTTP, on loopback for the most part, and browsers would drop the cookie. */
const setCookie = (headers: IncomingHttpHeaders, id: string, seconds: number): string =>
  `${cookieName(headers)}=${id}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict`;
