/** Prompts and answers that were kept: `GET /api/captures`, `/api/captures/{id}`, `/api/captures/{id}/{kind}`, `POST /api/captures/delete`. */
import { SwitchyardError } from "../../../shared/errors.ts";
import { isJsonObject } from "../../../shared/json.ts";
import {
  capturedFiles,
  type CapturedFile,
  capturedKinds,
  readCaptured,
  removeCaptured,
} from "../../ledger/captured.ts";
import { rawBodyOf, type Handler, type RouterContext } from "../context.ts";
import { parseBody } from "../validate.ts";
import { Query } from "./query.ts";

/** What is kept of one turn: sizes in bytes, null where there is none. */
export interface CapturedTurn {
  /** The `request-id` of its answer. */
  readonly id: string;
  /** When it was written, as 2026-11-21T10:00:00.000Z. */
  readonly at: string;
  readonly request: number | null;
  readonly answer: number | null;
}

const turnsOf = (files: readonly CapturedFile[]): readonly CapturedTurn[] => {
  const turns = new Map<string, CapturedTurn>();
  for (const { id, kind, size, at } of files) {
    const turn = turns.get(id) ?? { id, at: new Date(at).toISOString(), request: null, answer: null };
    turns.set(id, { ...turn, [kind]: size });
  }
  return [...turns.values()];
};

/** A router that keeps its state in memory alone has none. */
const filesOf = async ({ captures }: RouterContext, id?: string): Promise<readonly CapturedFile[]> =>
  captures === undefined ? [] : capturedFiles(captures.folder, id);

const none = (id: string): SwitchyardError =>
  new SwitchyardError("ledger.noCapture", { detail: id.slice(0, 100) });

/** Answers `{captures, next}`, the newest first. Query: `limit` (default 100), `after`; `id` of one turn alone. */
export const listCaptures = (context: RouterContext): Handler =>
  async function handleListCaptures(request, reply) {
    const query = new Query(request, ["limit", "after", "id"]);
    const limit = query.limit() ?? 100;
    const after = query.text("after");
    const all = turnsOf(await filesOf(context, query.text("id")));
    const at = all.findIndex(({ id }) => id === after);
    // To begin anew would never come to an end.
    if (after !== undefined && at === -1)
      throw new SwitchyardError("request.query", {
        detail: `after: nothing is kept of ${JSON.stringify(after.slice(0, 60))} any more`,
        hint: "Begin anew, without it.",
      });
    const from = at + 1;
    const captures = all.slice(from, from + limit);
    return reply.send({ captures, next: from + limit < all.length ? captures.at(-1)!.id : null });
  };

/** Answers a `CapturedTurn`. @throws SwitchyardError ledger.noCapture */
export const capture = (context: RouterContext): Handler =>
  async function handleCapture(request, reply) {
    const { id } = request.params as { id: string };
    const [turn] = turnsOf(await filesOf(context, id));
    if (turn === undefined) throw none(id);
    return reply.send(turn);
  };

/** The text itself, as it went over the wire, without keys. No browser takes it for a page. @throws SwitchyardError ledger.noCapture */
export const captureText = (context: RouterContext): Handler =>
  async function handleCaptureText(request, reply) {
    const { id, kind: wanted } = request.params as { id: string; kind: string };
    const kind = capturedKinds.find((each) => each === wanted);
    const folder = context.captures?.folder;
    const text =
      kind === undefined || folder === undefined ? undefined : await readCaptured(folder, id, kind);
    if (text === undefined) throw none(`${id}, ${wanted}`);
    // What became a secret after it was written is taken out as well.
    return reply.header("content-type", "text/plain; charset=utf-8").send(context.redact(text));
  };

/** Body: `{id}`, or `{all: true}`. Answers `{removed}`, in files. @throws SwitchyardError request.malformed, ledger.noCapture */
export const deleteCaptures = (context: RouterContext): Handler =>
  async function handleDeleteCaptures(request, reply) {
    const given = parseBody(rawBodyOf(request));
    const { id, all } = isJsonObject(given) ? given : {};
    if (typeof id !== "string" && all !== true)
      throw new SwitchyardError("request.malformed", {
        detail: "expected {id: the request-id of a turn}, or {all: true}",
        hint: "",
      });
    const one = typeof id === "string" ? id : undefined;
    const folder = context.captures?.folder;
    const removed = folder === undefined ? 0 : await removeCaptured(folder, one);
    if (one !== undefined && removed === 0) throw none(one);
    context.log.info({ code: "captures.removed", removed }, "kept prompts and answers were removed");
    return reply.send({ removed });
  };
