/**
 * The configuration's editor: `GET|PUT /api/config`, `POST /api/config/check`, `GET /api/config/backup`, and `GET /api/configs`, the configuration in force without keys.
 * It is edited as text: comments, order and what is not known here stay.
 */
import { SwitchyardError } from "../../../shared/errors.ts";
import { toldOf } from "../../../shared/told.ts";
import { isJsonObject } from "../../../shared/json.ts";
import { masked, requireNoNewKeys, unmasked } from "../../editor/masks.ts";
import { shownConfig } from "../../editor/shown-config.ts";
import { keepBackup, listBackups, readBackup, readText, versionOf, writeText } from "../../editor/store.ts";
import type { EditedFile } from "../../../config/edited-file.ts";
import { rawBodyOf, type Handler, type RouterContext } from "../context.ts";
import { parseBody } from "../validate.ts";

/** The answer of `GET /api/config`. */
export interface ConfigAnswer {
  /** Null: it is made by somebody else, and cannot be changed here. */
  readonly file: string | null;
  /** Keys that are written out are marks in it. */
  readonly text: string;
  /** To be given back with a change, so that nobody's is lost. */
  readonly version: string;
  readonly writable: boolean;
  /** Versions before, the youngest first. */
  readonly backups: readonly string[];
}

/** The answer of `POST /api/config/check` and of `PUT /api/config`. */
export interface CheckAnswer {
  readonly valid: boolean;
  /** A line each, with file, line and column. */
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** Of a change that was made. */
  readonly version?: string;
  readonly needsRestart?: readonly string[];
}

const editedOf = ({ edited }: RouterContext): EditedFile => {
  if (edited === undefined) throw new SwitchyardError("config.readOnly");
  return edited;
};

export const readConfig = (context: RouterContext): Handler =>
  async function handleReadConfig(_request, reply) {
    const { edited, config } = context;
    if (edited === undefined) {
      const none: ConfigAnswer = { file: null, text: "", version: "none", writable: false, backups: [] };
      return reply.send(none);
    }
    const text = await readText(edited);
    const answer: ConfigAnswer = {
      file: edited.file,
      text: masked(text ?? "", config.secrets),
      version: versionOf(text),
      writable: true,
      backups: await listBackups(edited),
    };
    return reply.send(answer);
  };

export const readConfigBackup = (context: RouterContext): Handler =>
  async function handleReadBackup(request, reply) {
    const { name } = request.query as { name?: unknown };
    const text = await readBackup(editedOf(context), typeof name === "string" ? name : "");
    return reply.send({ text: masked(text, context.config.secrets) });
  };

interface Edit {
  readonly text: string;
  /** The one that was shown; undefined of a check. */
  readonly version: string | undefined;
  /** A version before, whose marks the text has. */
  readonly from: string | undefined;
}

const readEdit = (body: Buffer | undefined): Edit => {
  const given = parseBody(body);
  const { text, version, from } = isJsonObject(given) ? given : {};
  const isOptional = (value: unknown): value is string | undefined =>
    value === undefined || typeof value === "string";
  if (typeof text !== "string" || !isOptional(version) || !isOptional(from))
    throw new SwitchyardError("request.malformed", {
      detail: "expected {text, version}, and `from` where the text comes from a version before",
      hint: "",
    });
  return { text, version, from };
};

/** The text as it would be on disk. @throws SwitchyardError request.malformed */
const restored = async (
  { text, from }: Edit,
  edited: EditedFile,
  current: string | undefined,
  secrets: readonly string[],
): Promise<string> => {
  const original = from === undefined ? (current ?? "") : await readBackup(edited, from);
  const whole = unmasked(text, original, secrets);
  requireNoNewKeys(whole, original, secrets);
  return whole;
};

const judge = async (
  text: string,
  edited: EditedFile,
  redact: (text: string) => string,
): Promise<CheckAnswer> => {
  try {
    const { notices } = await edited.check(text);
    return { valid: true, problems: [], notices: notices.map(redact) };
  } catch (error) {
    if (!(error instanceof SwitchyardError) || error.code === "internal") throw error;
    const lines = redact(error.detail ?? error.message)
      .split("\n")
      .map((line) => line.trim());
    // "2 errors" stands before them.
    const problems = lines.filter((line, i) => !(i === 0 && /^\d+ errors$/.test(line)));
    return { valid: false, problems, notices: [] };
  }
};

export const checkConfig = (context: RouterContext): Handler =>
  async function handleCheckConfig(request, reply) {
    const edited = editedOf(context);
    const edit = readEdit(rawBodyOf(request));
    const text = await restored(edit, edited, await readText(edited), context.config.secrets);
    return reply.send(await judge(text, edited, context.redact));
  };

/** One after the other: two that save at once must not both believe that theirs is what stands. */
let saving: Promise<unknown> = Promise.resolve();

export const writeConfig = (context: RouterContext): Handler =>
  async function handleWriteConfig(request, reply) {
    const edit = readEdit(rawBodyOf(request));
    const saved = saving.then(() => save(context, edit));
    saving = saved.catch(() => undefined);
    const answer = await saved;
    return reply.code(answer.valid ? 200 : 422).send(answer);
  };

const save = async (context: RouterContext, edit: Edit): Promise<CheckAnswer> => {
  const edited = editedOf(context);
  const current = await readText(edited);
  if (edit.version !== versionOf(current)) throw new SwitchyardError("config.changed");
  const text = await restored(edit, edited, current, context.config.secrets);
  const judged = await judge(text, edited, context.redact);
  if (!judged.valid) return judged;
  if (current !== undefined) await keepBackup(edited, current, Date.now());
  await writeText(edited, text);
  const reloaded = await context.reloader.reload();
  if (reloaded.outcome === "refused") {
    // Valid, and yet it cannot be in force: an address without a key, a script that does not load.
    await writeText(edited, current);
    await context.reloader.reload();
    return { valid: false, problems: [context.redact(toldOf(reloaded.error))], notices: judged.notices };
  }
  context.log.info({ code: "config.saved" }, "the configuration was changed on the dashboard");
  return { ...judged, version: versionOf(text), needsRestart: reloaded.needsRestart };
};

/** Masked once more: whatever text of the configuration holds a key, it does not leave. */
export const configs = (context: RouterContext): Handler =>
  function handleConfigs(_request, reply) {
    const text = context.redact(JSON.stringify(shownConfig(context.config)));
    void reply.header("content-type", "application/json; charset=utf-8").send(text);
  };
