/** A compose document that is looked at before it takes its place. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `work` with the document in a file of its own, which is gone afterwards. */
export const inCandidate = async <T>(text: string, work: (file: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "switchyard-compose-"));
  try {
    const file = join(folder, "services.yaml");
    await writeFile(file, text, { mode: 0o600 });
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
