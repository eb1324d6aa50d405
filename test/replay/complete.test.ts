/** Every recording is read by some test: a folder, a file or a format that none knows of fails here, and is not passed over in silence. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withFolder } from "../support/data-folders.ts";
import { dialectOfFormat, hasFile, recordingsIn } from "../support/recordings.ts";
import { recordingNotes } from "./recording-notes.ts";
import { requestNotes } from "./request-notes.ts";

withFolder("RECORDINGS", "the count of recordings", (root) => {
  const all = recordingsIn(root);
  const folders = readdirSync(root).filter(
    (name) => name !== "licences" && statSync(join(root, name)).isDirectory(),
  );

  test("every folder is in the index, and every format has its dialect", () => {
    const found = folders.flatMap((format) =>
      readdirSync(join(root, format)).map((name) => `${format}/${name}`),
    );
    expect(found.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(folders.toSorted()).toEqual(Object.keys(dialectOfFormat).toSorted());
  });

  // recordings.test.ts and outward.test.ts read the answers, requests.test.ts the requests, chained.test.ts what both make together.
  test.each(all.map((recording) => [recording.id, recording] as const))(
    "%s has no file that no test reads",
    (_, recording) => {
      const files = readdirSync(recording.folder).filter(
        (name) => !["meta.json", "expected.json", "request.json"].includes(name),
      );
      expect(files).toHaveLength(1);
      expect(["response.sse", "response.json"]).toContain(files[0]);
      // The errors of providers come whole.
      if (recording.status >= 400) expect(hasFile(recording, "response.json")).toBe(true);
    },
  );

  test("every note belongs to a recording", () => {
    const ids = new Set(all.map(({ id }) => id));
    const strays = [...Object.keys(recordingNotes), ...Object.keys(requestNotes)].filter(
      (id) => !ids.has(id),
    );
    expect(strays).toEqual([]);
  });
});
