import { expect, it } from "vitest";
import { buildProgress } from "../../src/engine/build-progress.ts";

it("a build says each of its steps once, in a line, however its output is cut", () => {
  const output = [
    '#0 building with "default" instance using docker driver',
    "#1 [internal] load build definition from Dockerfile",
    "#4 [tools 1/2] FROM docker.io/switchyard/base:0e5e9c13696e",
    "#4 CACHED",
    `#6 [deps 3/3] RUN --mount=type=secret,id=ca set -eu;     npm ci ${"x".repeat(200)}`,
    "#6 0.412 added 122 packages",
    `#6 [deps 3/3] RUN --mount=type=secret,id=ca set -eu;     npm ci ${"x".repeat(200)}`,
    "#6 DONE 4.3s",
    "",
  ].join("\n");
  for (const size of [1, 7, output.length]) {
    const said: string[] = [];
    const take = buildProgress((line) => said.push(line));
    for (let at = 0; at < output.length; at += size) take(output.slice(at, at + size));
    expect(said).toEqual([
      "[tools 1/2] FROM docker.io/switchyard/base:0e5e9c13696e",
      expect.stringMatching(/^\[deps 3\/3\] RUN set -eu; npm ci x+ …$/),
    ]);
  }
});
