/** Where a generated document is to run: the one thing that differs between the committed files and what runs. */

export interface Placement {
  /** Name of the compose project. */
  readonly project: string;
  /** The Switchyard project that it belongs to: each workspace has a compose project of its own. */
  readonly owner: string;
  /** Absolute path of the workspace, or an expression of compose's. As all other strings here, already escaped. */
  readonly workspace: string;
  /** Folder of the secret files. */
  readonly secrets: string;
  readonly uid: string;
  readonly gid: string;
  /** `0` takes a free one. */
  readonly port: string;
  /** The checkout, from which images are built. */
  readonly context: string;
  /** Base of the images. */
  readonly base: string;
  /** Tag of the project's images. */
  readonly tag: string;
  /** Hash of configuration and keys: a change of a secret's content is not seen by compose, a change of this label is. */
  readonly configHash: string;
  /** CPUs that the engine has; a higher limit would be refused. */
  readonly maxCpus?: number;
}

/** A string as it must stand in a compose file: there a `$` begins a variable. */
export const literal = (text: string): string => text.replaceAll("$", "$$$$");

/** The committed documents: every path and id of a machine is a variable. */
export const portable: Placement = {
  project: "switchyard",
  owner: "switchyard",
  workspace: "${WORKSPACE:?Name the folder to work in}",
  secrets: "${SWITCHYARD_STATE_DIR:?Run switchyard, which writes the secrets there}/secrets",
  uid: "${SWITCHYARD_UID:-1000}",
  gid: "${SWITCHYARD_GID:-1000}",
  port: "${SWITCHYARD_PORT:-0}",
  context: "..",
  base: "${SWITCHYARD_BASE:-node:24-bookworm-slim}",
  tag: "${SWITCHYARD_TAG:-local}",
  configHash: "${SWITCHYARD_CONFIG_HASH:-}",
};
