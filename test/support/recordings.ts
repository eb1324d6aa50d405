/** Recorded traffic, read in place: which there are, and what lies in each folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DialectName } from "../../src/config/types.ts";

export interface Recording {
  readonly id: string;
  readonly format: string;
  readonly folder: string;
  /** HTTP status of the answer. */
  readonly status: number;
  readonly provider: string;
  readonly model: string;
}

/** The dialect that speaks a format of the recordings. A format without a line fails the count. */
export const dialectOfFormat: Readonly<Record<string, Exclude<DialectName, "demo">>> = {
  anthropic: "anthropic",
  openai_chat: "openai-chat",
  openai_responses: "openai-responses",
  gemini: "gemini",
};

const json = (path: string): unknown => JSON.parse(readFileSync(path, "utf8")) as unknown;

/** All that the index names. @param root the folder of the recordings */
export const recordingsIn = (root: string): Recording[] =>
  (json(join(root, "index.json")) as { id: string; format: string }[]).map(({ id, format }) => {
    const folder = join(root, id);
    const meta = json(join(folder, "meta.json")) as { http_status: number; provider: string; model: string };
    return { id, format, folder, status: meta.http_status, provider: meta.provider, model: meta.model };
  });

export const hasFile = ({ folder }: Recording, name: string): boolean => existsSync(join(folder, name));

export const textOfFile = ({ folder }: Recording, name: string): string =>
  readFileSync(join(folder, name), "utf8");

export const bytesOfFile = ({ folder }: Recording, name: string): Buffer => readFileSync(join(folder, name));

export const jsonOfFile = (recording: Recording, name: string): unknown =>
  JSON.parse(textOfFile(recording, name)) as unknown;
