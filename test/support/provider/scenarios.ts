/**
 * Conversations for the real client. The user's text holds `SCRIPT:<name>[:<argument>]`; the step is the number of answers
 * since then. What is not known is answered with plain text, so that the client's own small requests succeed.
 */
import type { ScriptedAnswer } from "./chat-stream.ts";
import type { RecordedRequest, Script } from "./server.ts";
import { turnsOf } from "./turns.ts";

/** The answers in order; the last one is given again. @param argument what follows the name */
export type Scenario = (argument: string) => ScriptedAnswer[];

const scenarios: Record<string, Scenario> = {
  say: (words) => [{ text: words === "" ? "Hello from the script." : words }],
  /** Takes so many seconds from the first word to the last. */
  slow: (seconds) => [
    { text: "It comes slowly, word by word, and it is complete at last.", over: Number(seconds) * 1000 },
  ],
  think: () => [{ reasoning: "First I consider the question — carefully.", text: "Thought about it." }],
  /** Reads a file and runs a command in parallel, then edits the file, then says so. */
  work: (folder) => [
    {
      text: "I will look first.",
      tools: [
        { name: "Read", input: { file_path: `${folder}/notes.txt` } },
        {
          name: "Bash",
          input: { command: `printf 'grüße ✓' > ${folder}/made-by-bash.txt`, description: "Writes a file" },
        },
      ],
    },
    {
      tools: [
        {
          name: "Edit",
          input: { file_path: `${folder}/notes.txt`, old_string: "old line", new_string: "new line – ✓" },
        },
      ],
    },
    { text: "The file is edited." },
  ],
  /** The same, one call after the other. */
  steps: (folder) => [
    { tools: [{ name: "Read", input: { file_path: `${folder}/notes.txt` } }] },
    {
      tools: [
        {
          name: "Bash",
          input: { command: `printf 'grüße ✓' > ${folder}/made-by-bash.txt`, description: "Writes a file" },
        },
      ],
    },
    {
      tools: [
        {
          name: "Edit",
          input: { file_path: `${folder}/notes.txt`, old_string: "old line", new_string: "new line – ✓" },
        },
      ],
    },
    { text: "The file is edited." },
  ],
  subagent: (prompt) => [
    {
      tools: [
        {
          name: "Agent",
          input: {
            description: "A small helper",
            prompt,
            subagent_type: "general-purpose",
            model: "haiku",
            run_in_background: false,
          },
        },
      ],
    },
    { text: "The subagent is back." },
  ],
  tagged: (target) => [
    {
      tools: [
        {
          name: "Agent",
          input: {
            description: "A tagged helper",
            prompt: `<CCR-SUBAGENT-MODEL>${target}</CCR-SUBAGENT-MODEL> SCRIPT:say:tagged answer`,
            subagent_type: "general-purpose",
            run_in_background: false,
          },
        },
      ],
    },
    { text: "The tagged subagent is back." },
  ],
  search: () => [
    { tools: [{ name: "WebSearch", input: { query: "switchyard router" } }] },
    { text: "Searched." },
  ],
};

/** Scripts by name, each with the answers of its steps, for providers of every form. */
export const scripted =
  (scenarios: Readonly<Record<string, Scenario>>): ((request: RecordedRequest) => ScriptedAnswer) =>
  (request) => {
    const turns = turnsOf(request.body);
    const at = turns.findLastIndex(({ role, text }) => role === "user" && text.includes("SCRIPT:"));
    if (at === -1) return { text: "Nothing scripted." };
    // The first marker is the user's; what follows in the same text may quote another for a subagent.
    const first = /SCRIPT:(\w+)(?::([^\n]*))?/.exec(turns[at]!.text);
    const steps = scenarios[first?.[1] ?? ""]?.(first?.[2]?.trim() ?? "");
    if (steps === undefined) return { text: `No scenario of that name: ${first?.[1] ?? ""}` };
    const step = turns.slice(at + 1).filter(({ role }) => role === "assistant").length;
    return steps[Math.min(step, steps.length - 1)]!;
  };

export const scenarioScript: Script = scripted(scenarios);
