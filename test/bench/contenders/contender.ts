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
  /** Forms of the provider that it can serve. */
  readonly forms: readonly Form[];
  /** Installs what is needed, outside the repository. @throws Error with the installer's output */
  prepare?(): Promise<void>;
  /** Writes its configuration; undefined: there is no process (the direct call). */
  launch(context: LaunchContext): Promise<Command> | undefined;
  /** Answered with 200 once it is ready. */
  readonly readyPath: string;
  /** The path that the load generator posts to. */
  requestPath(form: Form): string;
  /** The form that its client speaks. */
  clientForm(form: Form): Form;
}

/** The client's model id; the default route is what leads to the provider. */
export const clientModel = "claude-opus-5-5";
/** The provider's. */
export const providerModel = "bench-model";
