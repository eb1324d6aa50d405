/**
 * What all strict upstreams share. A validator says in a provider's words what that provider would answer 400 to; the rules are those of its
 * published documents and of its own error messages, written without code of the router.
 */

export type Fields = Record<string, unknown>;

export interface StrictOptions {
  /** Signatures, encrypted reasoning and the like that this provider gave out: any other is foreign to it. */
  issued: ReadonlySet<string>;
  model?: string;
  /** Fields beyond the documented ones that this provider takes: at the top, and in messages. */
  topFields?: readonly string[];
  messageFields?: readonly string[];
  /** Anthropic's form: `role: system` inside of the conversation is known. */
  systemInside?: boolean;
  /** Anthropic's form: every answer must begin with thinking, signed or not (DeepSeek). */
  thinkingEverywhere?: boolean;
  /** Anthropic's form: ids of any alphabet, and ones that repeat from turn to turn, are taken: the provider gives such ids itself. */
  anyToolId?: boolean;
  /** Anthropic's form: an answer that called a tool need not begin with thinking, though thinking is on. */
  lenientThinking?: boolean;
  /** Form of Chat: an answer that called tools must come back with its reasoning (DeepSeek, Kimi). */
  reasoningWithCalls?: boolean;
  /** Form of Responses: reasoning is not encrypted, and comes back as it was (DeepSeek, Bedrock). */
  plainReasoning?: boolean;
  /** Form of Chat: the order of roles that Mistral wants (mistral-common, order of messages). */
  rolesInOrder?: boolean;
  /** Google's form: several contents of one side in a row are taken, as its own SDKs and Gemini CLI send them. */
  sidesInARow?: boolean;
  /** Longest id of a tool call; 40 at OpenAI. */
  toolIdLength?: number;
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

export class Judge {
  readonly problems: string[] = [];

  say(problem: string): void {
    this.problems.push(problem);
  }

  known(where: string, value: Fields, names: readonly string[]): void {
    for (const name of Object.keys(value))
      if (!names.includes(name)) this.say(`${where}.${name}: Extra inputs are not permitted`);
  }

  /** Names of tools: each once, of the usual alphabet. */
  toolNames(names: readonly string[], longest: number): void {
    for (const [i, name] of names.entries()) {
      if (!/^[a-zA-Z0-9_-]+$/.test(name) || name.length > longest)
        this.say(`tools.${i}.name: String should match pattern '^[a-zA-Z0-9_-]{1,${longest}}$'`);
      if (names.indexOf(name) !== i) this.say(`tools: Tool names must be unique: ${name}`);
    }
  }
}
