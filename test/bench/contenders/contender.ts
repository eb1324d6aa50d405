/** What takes part in the bench: one file and one line in index.ts each. */
import type { Form } from "../answers.ts";
import type { Command } from "../processes.ts";

export interface LaunchContext {
  readonly form: Form;
  readonly providerPort: number;
  /** Where it must listen, on 127.0.0.1. */
  readonly port: number;
  /** An empty folder of its own: configuration and home. */
  readonly dir: string;
}

export interface Contender {
  readonly name: string;
  /** One line for the report: what it is, and which version. */
  readonly about: string;
  /** Forms of the provider that it can serve. A floor passes bytes: it stands beside each of them, always with Anthropic's own. */
  readonly forms: readonly Form[];
  /** Installs what is needed, outside the repository. @throws Error with the installer's output */
  prepare?(): Promise<void>;
  /** Writes its configuration; undefined: there is no process (the direct call). */
  launch(context: LaunchContext): Promise<Command> | undefined;
  /** Answered with 200 once it is ready. */
  readonly readyPath: string;
  /** What that answer has to hold, where its status does not say enough. */
  readonly readyMark?: string;
  /** The path that the load generator posts to. */
  requestPath(form: Form, stream: boolean): string;
  /** What its client has to send besides what every client sends: `name: value`. */
  headers?(providerPort: number): readonly string[];
  /** Milliseconds after its last answer until all is done that an answer brings with it; 0 where nothing is left to do. Its CPU counts as well. */
  readonly late?: number;
  /** The form that its client speaks. */
  clientForm(form: Form): Form;
}

/** The client's model id; the default route is what leads to the provider. */
export const clientModel = "claude-opus-5-5";
/** The key that the client sends, and the one that the provider is to be asked with. */
export const clientKey = "bench-client-token";
export const providerKey = "bench-provider-key";
/** A port of this machine where nobody listens: whatever a contender would ask the internet goes there. */
const closedProxy = "http://127.0.0.1:9";
/** Variables that keep a contender on this machine. */
export const onThisMachine: Readonly<Record<string, string>> = {
  HTTP_PROXY: closedProxy,
  HTTPS_PROXY: closedProxy,
  http_proxy: closedProxy,
  https_proxy: closedProxy,
  NO_PROXY: "127.0.0.1,localhost",
  no_proxy: "127.0.0.1,localhost",
};
/** The provider's. */
export const providerModel = "bench-model";
