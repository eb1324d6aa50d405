/** The real Claude Code through a real router, on a strict provider of each dialect: any 400 of theirs fails the test with its words. */
import { describe, expect, it } from "vitest";
import { closeAfterEach, closing } from "../../support/open.ts";
import { prefixOf } from "../../support/prefix.ts";
import type { RecordedRequest } from "../../support/provider/server.ts";
import { turnsOf } from "../../support/provider/turns.ts";
import { awkward, claudeScript, page } from "../support/claude-scripts.ts";
import { faultsOf, kindNames, kinds, type KindName } from "../support/judged.ts";
import { allTo, type StrictWorld, strictWorld, targetOf } from "../support/strict-world.ts";

closeAfterEach();

const world = async (...routes: string[]): Promise<StrictWorld> => {
  const w = closing(await strictWorld());
  w.routes(routes);
  return w;
};

/** The model that a request is for; Gemini's stands in the address. */
const modelOf = ({ url, body }: RecordedRequest): string => body.model ?? /models\/([^:]+):/.exec(url)![1]!;
const models = (w: StrictWorld, name: KindName): string[] => w.up[name].requests.map(modelOf);

/** The dialect after this one, in a ring. */
const next = (name: KindName): KindName => kindNames[(kindNames.indexOf(name) + 1) % kindNames.length]!;

describe.each(kindNames)("Claude Code on %s", (name) => {
  it("calls tools in parallel, byte for byte, and each request begins with the bytes of the one before, a later turn's too", async () => {
    const w = await world(...allTo(name));
    await w.session(`SCRIPT:build:${w.workspace}`, "All is written ✓.");
    expect(w.file("by-bash.txt")).toBe(awkward);
    expect(w.file("by-write.txt")).toBe(awkward);
    const { requests, issued } = w.up[name];
    expect(requests).toHaveLength(4);
    expect(requests[1]!.raw).toContain("the end of the notes");
    expect(requests[2]!.raw).toContain("Exit code 3");
    expect(requests[3]!.raw).toContain(String(2 * Buffer.byteLength(awkward)));

    await w.session(`SCRIPT:more:${w.workspace}/by-bash.txt`, "There is more now.", { args: ["--continue"] });
    expect(w.file("by-bash.txt")).toBe(awkward + awkward);
    expect(requests).toHaveLength(6);
    for (const opaque of issued.values()) expect(requests[5]!.raw).toContain(opaque);
    // Anthropic gets the client's own bytes: it looks through their forms itself.
    const prefixes = requests.map(({ raw }) => prefixOf(raw, { anyForm: name === "anthropic" }));
    for (const [i, { head, list }] of prefixes.entries()) {
      expect(head).toBe(prefixes[0]!.head);
      expect(list.startsWith(prefixes[i - 1]?.list ?? ""), `request ${i}`).toBe(true);
    }
  });

  it("searches the web", async () => {
    const w = await world(...allTo(name), `webSearch: "${targetOf(name, "searcher")}"`);
    await w.session("SCRIPT:search", "The session has it.");
    const { requests } = w.up[name];
    const session = requests.at(-1)!;
    expect(session.raw).toMatch(new RegExp(`Links: \\[\\{[^\\]]*${page.url.replaceAll(".", "[.]")}`));
    expect(session.raw).toContain("Node 24, see");
    // The model has no search of its own where the search engine is asked.
    const own = name !== "openai-chat";
    expect(w.engine.queries()).toEqual(own ? [] : ["newest node"]);
    const model = kinds[name].target.split(",")[1]!;
    expect(models(w, name)).toEqual([model, ...(own ? ["searcher"] : ["searcher", "searcher"]), model]);
  });

  it("has a subagent at the provider of another dialect, and both call tools", async () => {
    const other = next(name);
    const w = await world(...allTo(name), `subagent: "${kinds[other].target}"`);
    await w.session(`SCRIPT:delegate:${w.workspace}`, "Both are done.");
    expect(w.file("by-helper.txt")).toBe(awkward);
    expect(w.file("by-main.txt")).toBe("main ✓");
    expect(w.up[other].requests).toHaveLength(3);
    const own = w.up[name].requests;
    expect(own).toHaveLength(3);
    expect(own.at(-1)!.raw).toContain("The helper's report ✓.");
    // Neither sees what the other was told.
    expect(own.map(({ raw }) => raw).join("")).not.toContain("by-helper.txt");
  });

  it("gets 70,000 tokens whole at the target for long context", async () => {
    const long = targetOf(name, "long-model");
    const w = await world(...allTo(next(name)), `longContext: { use: "${long}", threshold: 60000 }`);
    const text = Array.from({ length: 7000 }, (_, i) => `line ${i}: the quick ✓ fox "jumps"`).join("\n");
    // On stdin: the kernel takes no argument of this length.
    await w.session("SCRIPT:say", "I read it all.", { input: text });
    expect(models(w, name)).toEqual(["long-model"]);
    expect(turnsOf(w.up[name].requests[0]!.body).some((turn) => turn.text.includes(text))).toBe(true);
    expect(w.up[next(name)].requests).toEqual([]);
  });
});

it("a session goes on at a provider of each dialect, with a new router each time, and comes back to the first", async () => {
  const w = await world();
  const tour: KindName[] = ["gemini", "anthropic", "openai-responses", "openai-chat", "gemini"];
  for (const [i, name] of tour.entries()) {
    w.routes(allTo(name));
    const args = i === 0 ? [] : ["--continue"];
    await w.session(`SCRIPT:more:${w.workspace}/${i}-${name}.txt`, "There is more now.", { args });
    expect(w.file(`${i}-${name}.txt`)).toBe(awkward);
    const last = w.up[name].requests.at(-1)!.raw;
    for (const [n, before] of tour.slice(0, i + 1).entries()) expect(last).toContain(`${n}-${before}.txt`);
  }
  const { requests, issued } = w.up.gemini;
  expect(requests).toHaveLength(4);
  expect(issued.size).toBe(2);
  for (const opaque of issued.values()) expect(requests.at(-1)!.raw).toContain(opaque);
  expect(faultsOf(Object.values(w.up))).toEqual([]);
});

it("one turn goes on at a provider of another dialect after each step, with its tool calls in flight", async () => {
  const order: KindName[] = ["gemini", "anthropic", "openai-responses", "openai-chat"];
  const failing = { error: { status: 500, body: '{"error":{"message":"out of order"}}' } };
  const w = closing(
    await strictWorld(() => {
      let answered = false;
      return (request) => {
        if (answered) return failing;
        answered = true;
        return claudeScript(request);
      };
    }),
  );
  w.routes([`default: [${order.map((name) => `"${kinds[name].target}"`).join(", ")}]`]);
  await w.session(`SCRIPT:build:${w.workspace}`, "All is written ✓.");
  expect(w.file("by-bash.txt")).toBe(awkward);
  expect(w.file("by-write.txt")).toBe(awkward);
  const last = w.up["openai-chat"].requests.at(-1)!.raw;
  expect(last).toContain("the end of the notes");
  expect(last).toContain("Exit code 3");
  expect(last).toContain(String(2 * Buffer.byteLength(awkward)));
});
