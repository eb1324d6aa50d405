/** What the judged providers say to the real client, and what must then be on the disk. */
import type { ScriptedAnswer } from "../../support/provider/chat-stream.ts";
import { type Scenario, scripted } from "../../support/provider/scenarios.ts";
import type { RecordedRequest } from "../../support/provider/server.ts";

/**
 * All that a translation could spoil: quotes of both kinds, escapes, line ends, characters of two to four bytes, a line separator. Not a
 * backslash with `u0041` behind it: the client itself makes a letter of it.
 */
export const awkward =
  'grüße "✓" \'ok\' `x` $HOME \\n \\\\ 漢字 👩‍🚀 </tool_call> {"a": [1, null]}\u2028\ttab\nlast line\n';

/** The same through a shell: single quotes are closed around each of their own. */
const quoted = `'${awkward.replaceAll("'", "'\\''")}'`;

export const page = { url: "https://nodejs.org/en/blog/release/v24.0.0", title: "Node.js 24" };

const bash = (command: string): { name: string; input: Record<string, unknown> } => ({
  name: "Bash",
  input: { command, description: "Runs a command" },
});

const scenarios: Record<string, Scenario> = {
  /** Three calls at once, then one that fails, then another file; then words. */
  build: (folder) => [
    {
      text: "I look and write at once.",
      tools: [
        { name: "Read", input: { file_path: `${folder}/notes.txt` } },
        bash(`printf '%s' ${quoted} > ${folder}/by-bash.txt`),
        { name: "Write", input: { file_path: `${folder}/by-write.txt`, content: awkward } },
      ],
    },
    { tools: [bash("echo 'no such thing ✗' >&2; exit 3")] },
    { tools: [bash(`cat ${folder}/by-bash.txt ${folder}/by-write.txt | wc -c`)] },
    { text: "All is written ✓." },
  ],
  /** One more call in a later turn. */
  more: (file) => [{ tools: [bash(`printf '%s' ${quoted} >> ${file}`)] }, { text: "There is more now." }],
  search: () => [
    { tools: [{ name: "WebSearch", input: { query: "newest node" } }] },
    { text: "The session has it." },
  ],
  delegate: (folder) => [
    {
      tools: [
        {
          name: "Agent",
          input: {
            description: "A helper",
            prompt: `SCRIPT:help:${folder}`,
            subagent_type: "general-purpose",
            run_in_background: false,
          },
        },
      ],
    },
    { tools: [bash(`printf 'main ✓' > ${folder}/by-main.txt`)] },
    { text: "Both are done." },
  ],
  help: (folder) => [
    {
      text: "I help.",
      tools: [
        bash(`printf '%s' ${quoted} > ${folder}/by-helper.txt`),
        { name: "Read", input: { file_path: `${folder}/notes.txt` } },
      ],
    },
    { tools: [bash(`wc -c ${folder}/by-helper.txt`)] },
    { text: "The helper's report ✓." },
  ],
  say: () => [{ text: "I read it all." }],
};

const answered = scripted(scenarios);

interface Tool {
  type?: string;
  name?: string;
  function?: { name?: string };
  googleSearch?: object;
}

/** As the provider's own search is asked for in its form; or the router's function in its place. */
const wantsSearch = ({ body }: RecordedRequest): "own" | "function" | undefined => {
  const tools = (body["tools"] ?? []) as Tool[];
  if (tools.some((tool) => tool.type?.startsWith("web_search") === true || tool.googleSearch !== undefined))
    return "own";
  return tools.some(({ name, function: fn }) => (fn?.name ?? name) === "web_search") ? "function" : undefined;
};

/** The client's own request for a search is answered by a search; everything else by the script that the user's words name. */
export const claudeScript = (request: RecordedRequest): ScriptedAnswer => {
  const found = { text: `Node 24, see [Node.js 24](${page.url}).` };
  switch (wantsSearch(request)) {
    case "own":
      return { ...found, search: { query: "newest node", ...page } };
    case "function":
      return request.raw.includes(page.url)
        ? found
        : { tools: [{ name: "web_search", input: { query: "newest node" } }] };
    default:
      return answered(request);
  }
};
