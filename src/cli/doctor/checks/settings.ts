/** Settings of the client that send it elsewhere: whose they are, and whether they reach a shell of Switchyard. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isJsonObject, parseJsonObject } from "../../../shared/json.ts";
import { bad, type Check, type Found, note, ok, type Patient } from "../check.ts";

/** Variables by which a client asks somebody else, or with another credential. */
const deciding =
  /^(ANTHROPIC_(BASE_URL|AUTH_TOKEN|API_KEY|CUSTOM_HEADERS|UNIX_SOCKET)|CLAUDE_CODE_USE_\w+|CLAUDE_CODE_OAUTH_TOKEN)$/;

interface Place {
  readonly file: string;
  readonly whose: "managed" | "user" | "project";
}

const placesOf = ({ env, workspace, managedSettings }: Patient): Place[] => {
  const own = env["CLAUDE_CONFIG_DIR"] || join(env["HOME"] || homedir(), ".claude");
  return [
    ...managedSettings.map((file): Place => ({ file, whose: "managed" })),
    { file: join(own, "settings.json"), whose: "user" },
    { file: join(workspace, ".claude/settings.json"), whose: "project" },
    { file: join(workspace, ".claude/settings.local.json"), whose: "project" },
  ];
};

/** Names of what decides in a file of settings, with the address where there is one: it is no secret. Undefined: there is no such file. */
const decisionsIn = (file: string): string[] | "not JSON" | undefined => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const settings = parseJsonObject(text);
  if (settings === undefined) return text.trim() === "" ? [] : "not JSON";
  const env = isJsonObject(settings["env"]) ? settings["env"] : {};
  return [
    ...Object.entries(env).flatMap(([name, value]) =>
      deciding.test(name) && value !== "" ? [told(name, value)] : [],
    ),
    ...(typeof settings["apiKeyHelper"] === "string" ? ["apiKeyHelper"] : []),
  ];
};

const told = (name: string, value: unknown): string =>
  name === "ANTHROPIC_BASE_URL" ? `${name}=${withoutSecrets(String(value))}` : name;

const withoutSecrets = (address: string): string => {
  if (!URL.canParse(address)) return "…";
  const url = new URL(address);
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}`;
};

const consequence = {
  managed: [
    "They stand above what a shell on the host sets: its client does not ask the router.",
    "Take them out of that file, or use a container (an engine; then: switchyard shell router).",
  ],
  user: [
    "A `claude` outside of Switchyard goes by them; its shells stand above them.",
    "Nothing needs to be done for Switchyard's own shells.",
  ],
  project: [
    "A `claude` outside of Switchyard goes by them in this folder; its shells stand above them.",
    "See whether you know who wrote them: a repository may bring such a file.",
  ],
} as const;

export const settings: Check = {
  name: "settings",
  about: "settings of the client that send it elsewhere",
  run: (patient) => {
    const found = placesOf(patient).flatMap(({ file, whose }): Found[] => {
      const decisions = decisionsIn(file);
      if (decisions === undefined || decisions.length === 0) return [];
      if (decisions === "not JSON")
        return [note(`${file} is no JSON object: the client leaves it out, and says so`, "Correct it.")];
      const [effect, todo] = consequence[whose];
      const words = `${file} sets ${decisions.join(", ")}. ${effect}`;
      return [whose === "managed" ? bad(words, todo) : note(words, todo)];
    });
    const variables = Object.keys(patient.env).filter(
      (name) => deciding.test(name) && (patient.env[name] ?? "") !== "",
    );
    if (variables.length > 0)
      found.push(
        note(
          `this environment sets ${variables.map((name) => told(name, patient.env[name])).join(", ")}. A \`claude\` outside of Switchyard goes by them; its shells do not inherit them.`,
        ),
      );
    return found.length > 0 ? found : [ok("nothing sends the client elsewhere")];
  },
};
