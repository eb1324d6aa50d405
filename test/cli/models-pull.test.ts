/** `switchyard models pull`, on a server on loopback that speaks Ollama's API. */
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ollamaAddress } from "../../src/cli/models/ollama-address.ts";
import { progressTeller } from "../../src/cli/models/pull.ts";
import { sandbox, type Sandbox } from "../support/cli.ts";
import { testConfig } from "../support/config.ts";
import { closeAfterEach, closing } from "../support/open.ts";

closeAfterEach();
let own: Sandbox;
beforeEach(() => {
  own = sandbox();
});
afterEach(() => own.remove());

const ollama = async (answer: (response: ServerResponse) => void) => {
  const asked: { path: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      asked.push({ path: request.url, body: JSON.parse(text) as unknown });
      answer(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  closing({
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

/** Cut in the middle of a line, as a network may. */
const inPieces = (response: ServerResponse, lines: readonly object[]): void => {
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  response.write(text.slice(0, 30));
  setImmediate(() => response.end(text.slice(30)));
};

const pull = (address: string, ...more: string[]) => {
  const file = join(own.folder, "switchyard.yaml");
  writeFileSync(file, `providers: { local: { preset: ollama, baseUrl: "http://${address}/v1" } }\n`);
  return own.run(["models", "pull", "qwen3:4b", "--config", file, ...more], {
    env: { OLLAMA_HOST: address },
  });
};

describe("switchyard models pull", () => {
  it("tells of each step, and prints the target that the model is now", async () => {
    const digest = "pulling 8934d96d3f08";
    const server = await ollama((response) =>
      inPieces(response, [
        { status: "pulling manifest" },
        { status: digest, digest: "sha256:8934d96d3f08", total: 4_000_000 },
        { status: digest, digest: "sha256:8934d96d3f08", total: 4_000_000, completed: 4_000_000 },
        { status: "verifying sha256 digest" },
        { status: "success" },
      ]),
    );
    const { status, stdout, stderr } = await pull(server.address);
    expect(status, stderr).toBe(0);
    expect(stdout).toBe("local,qwen3:4b\n");
    expect(stderr.trim().split("\n")).toEqual([
      "pulling manifest",
      "pulling 8934d96d3f08: 0 % of 4 MB",
      "verifying sha256 digest",
      "success",
    ]);
    expect(server.asked).toEqual([{ path: "/api/pull", body: { model: "qwen3:4b", stream: true } }]);
  });

  it("fails in the server's words, whether they come with a status or within the stream", async () => {
    const words = "pull model manifest: file does not exist";
    const inStream = await ollama((response) =>
      inPieces(response, [{ status: "pulling manifest" }, { error: words }]),
    );
    const first = await pull(inStream.address);
    expect([first.status, first.stdout]).toEqual([1, ""]);
    expect(first.stderr).toContain(words);
    const withStatus = await ollama((response) => {
      response.statusCode = 400;
      response.end(JSON.stringify({ error: "invalid model name" }));
    });
    expect((await pull(withStatus.address)).stderr).toContain("invalid model name");
  });

  it("does not take an answer that broke off for a model that is there", async () => {
    const server = await ollama((response) => response.end('{"status":"pulling manifest"}\n'));
    const { status, stderr } = await pull(server.address);
    expect(status).toBe(1);
    expect(stderr).toContain("ended before it was done");
  });

  it("says where nobody listens, and what to start", async () => {
    const { status, stderr } = await pull("127.0.0.1:9");
    expect(status).toBe(1);
    expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:9.*stack\.ollama\.enabled/s);
  });
});

it("the stack's Ollama goes before the machine's, unless --host says so", () => {
  const stack = testConfig("stack: { ollama: { enabled: true, port: 11500 } }");
  expect(ollamaAddress(stack, {}, false)).toBe("http://127.0.0.1:11500");
  expect(ollamaAddress(stack, {}, true)).toBe("http://127.0.0.1:11434");
  const plain = testConfig("");
  expect(ollamaAddress(plain, { OLLAMA_HOST: "0.0.0.0" }, false)).toBe("http://127.0.0.1:11434");
  expect(ollamaAddress(plain, { OLLAMA_HOST: "box:7000/" }, false)).toBe("http://box:7000");
  expect(ollamaAddress(plain, { OLLAMA_HOST: "https://models.example" }, false)).toBe(
    "https://models.example",
  );
});

it("on a terminal a step is one line that changes", () => {
  let text = "";
  const tell = progressTeller(true, (part) => (text += part));
  tell({ status: "a", total: 2_000_000 });
  tell({ status: "a", total: 2_000_000, completed: 1_000_000 });
  tell({ status: "success" });
  expect(text).toBe("\r\u001B[Ka: 0 % of 2 MB\r\u001B[Ka: 50 % of 2 MB\n\r\u001B[Ksuccess\n");
});
