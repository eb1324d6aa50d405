/** Files and folders that are not there, or that lie over ours. */
import { labels, managedSettingsDir, secretsDir } from "../shared/container-layout.ts";
import {
  type FileSourceLike,
  type FileUseLike,
  type Finding,
  isOpen,
  type LintFacts,
  type LintRule,
  type ServiceLike,
  servicesOf,
  unescaped,
} from "./compose-like.ts";

const isMissing = (path: string, facts: LintFacts): boolean =>
  !isOpen(path) && !facts.fileExists(unescaped(path));

type Kind = "secrets" | "configs";
const noun = { secrets: "secret", configs: "config" } as const;

/** What is wrong with one secret or config of a service, if anything. */
const judgeFile = (
  kind: Kind,
  { source }: FileUseLike,
  defined: FileSourceLike | undefined,
  service: ServiceLike,
  facts: LintFacts,
): Pick<Finding, "rule" | "message" | "todo"> | undefined => {
  const name = `the ${noun[kind]} '${source}'`;
  if (defined === undefined)
    return {
      rule: "files.undefined",
      message: `${name} is defined nowhere`,
      todo: `Add it to \`${kind}\` at the end of the file.`,
    };
  if (defined.file !== undefined && isMissing(defined.file, facts))
    return {
      rule: "files.missing",
      message: `the file of ${name} is not there: ${unescaped(defined.file)}`,
      todo: "Create it, or name another.",
    };
  const given = defined.environment === undefined ? defined.content : defined.environment;
  if (given !== undefined && service.read_only === true)
    return {
      rule: "files.readOnly",
      message: `${name} comes ${defined.environment === undefined ? "from inline content" : "from the environment"}, which compose cannot put into a \`read_only\` container`,
      todo: `Give it as \`file:\`.`,
    };
  return undefined;
};

const files: LintRule = (document, facts) =>
  servicesOf(document).flatMap(([service, definition]) =>
    (["secrets", "configs"] as const).flatMap((kind) =>
      (definition[kind] ?? []).flatMap((use, i): Finding[] => {
        const found = judgeFile(kind, use, document[kind]?.[use.source], definition, facts);
        return found === undefined ? [] : [{ severity: "error", service, key: `${kind}[${i}]`, ...found }];
      }),
    ),
  );

/**
 * The merged document says `create_host_path: true` or leaves it out: in a `bind` that is there that means false, without
 * any `bind` compose creates the folder (tried with 2.40.3).
 */
const binds: LintRule = (document, facts) =>
  servicesOf(document).flatMap(([service, definition]) =>
    (definition.volumes ?? []).flatMap((mount, i): Finding[] => {
      if (mount.type !== "bind" || mount.source === undefined || !isMissing(mount.source, facts)) return [];
      const created = !mount.bind || mount.bind.create_host_path === true;
      return [
        {
          severity: created ? "warning" : "error",
          rule: "mounts.missing",
          service,
          key: `volumes[${i}]`,
          message: `${unescaped(mount.source)} is not there${created ? ": the engine would put an empty folder of its own user there" : ""}`,
          todo: "Create it, or correct the path.",
        },
      ];
    }),
  );

interface Placed {
  readonly key: string;
  readonly target: string;
  /** What is mounted there, and how: to tell one from another. */
  readonly source: string;
}

/** All that is mounted into a container at a place of its choice. A secret in /run/secrets is where it belongs. */
const placed = (service: ServiceLike): Placed[] => {
  const tmpfs = typeof service.tmpfs === "string" ? [service.tmpfs] : (service.tmpfs ?? []);
  const uses = (kind: Kind): Placed[] =>
    (service[kind] ?? []).flatMap(({ source, target }, i) =>
      target === undefined || (kind === "secrets" && target.startsWith(`${secretsDir}/`))
        ? []
        : [{ key: `${kind}[${i}]`, target, source: `${noun[kind]} ${source}` }],
    );
  return [
    ...(service.volumes ?? []).map(({ type, source, target, read_only: readOnly = false }, i) => ({
      key: `volumes[${i}]`,
      target: target ?? "",
      source: `${type} ${source ?? ""} ${readOnly ? "read-only" : "writable"}`,
    })),
    ...tmpfs.map((each, i) => ({ key: `tmpfs[${i}]`, target: each.split(":")[0] ?? "", source: "tmpfs" })),
    ...uses("secrets"),
    ...uses("configs"),
  ];
};

const isWithin = (path: string, folder: string): boolean =>
  `${path.replace(/\/+$/, "")}/`.startsWith(`${folder.replace(/\/+$/, "")}/`);

/** Where the client's settings and the secrets lie only we may mount: else a switch does nothing, or a backend has no keys. */
const overOurs: LintRule = (document, { generated }) =>
  servicesOf(generated ?? {}).flatMap(([service, definition]) => {
    const ours = new Set(placed(definition).map(({ source, target }) => `${source} ${target}`));
    const merged = document.services?.[service];
    return placed(merged ?? {}).flatMap(({ key, source, target }): Finding[] => {
      const folder = [managedSettingsDir, secretsDir].find((each) => isWithin(target, each));
      if (folder === undefined || ours.has(`${source} ${target}`)) return [];
      return [
        {
          severity: "error",
          rule: "mounts.overOurs",
          service,
          key,
          message: `it is mounted at ${target}: ${folder} is Switchyard's own`,
          todo: "Mount it elsewhere.",
        },
      ];
    });
  });

/** Our containers hold keys, or run what a model wrote: with the engine in hand either reaches the whole machine. */
const engineInReach: LintRule = (document) =>
  servicesOf(document).flatMap(([service, definition]): Finding[] => {
    const findings: Finding[] = [];
    const base = { severity: "warning", service } as const;
    if (definition.privileged === true)
      findings.push({
        ...base,
        rule: "privilege.all",
        key: "privileged",
        message: "a privileged container is root on the whole machine, and reads every key on it",
        todo: "Remove it; add the one capability or device that is needed.",
      });
    if (definition.labels?.[labels.service] === undefined) return findings;
    for (const [i, mount] of (definition.volumes ?? []).entries()) {
      if (![mount.source, mount.target].some((path) => /\/(docker|podman)\.sock$/.test(path ?? ""))) continue;
      findings.push({
        ...base,
        rule: "privilege.engine",
        key: `volumes[${i}]`,
        message: "with the engine's socket whoever works in the container is root on the whole machine",
        todo: "Remove it; let the client use an engine of its own, such as a rootless one in a service of yours.",
      });
    }
    return findings;
  });

/** A container in which a model works: it is to read no key, neither as a secret nor in a folder that is mounted into it. */
const runsClient = ({ labels: given }: ServiceLike): boolean =>
  /^(claude-code|fused-.*)$/.test(given?.[labels.service] ?? "");

const keysInReach: LintRule = (document, { generated }) =>
  servicesOf(document).flatMap(([service, definition]): Finding[] => {
    if (!runsClient(definition)) return [];
    const found = { severity: "error", rule: "keys.inReach", service } as const;
    const own = (generated ?? document).services?.[service]?.secrets ?? [];
    const added = (definition.secrets ?? []).flatMap((use, i): Finding[] => {
      if (own.some(({ source }) => source === use.source)) return [];
      const message = `the secret '${use.source}' would be read by whoever works in the container`;
      return [{ ...found, key: `secrets[${i}]`, message, todo: "Give it to a service of its own." }];
    });
    const keyFiles = [
      ...Object.values(document.secrets ?? {}).flatMap(({ file }) => file ?? []),
      ...servicesOf(document).flatMap(([, { volumes }]) =>
        (volumes ?? []).flatMap(({ source, target }) =>
          target === secretsDir && source !== undefined ? [source] : [],
        ),
      ),
    ];
    const mounted = (definition.volumes ?? []).flatMap(({ type, source }, i): Finding[] => {
      const file = keyFiles.find((each) => type === "bind" && source !== undefined && isWithin(each, source));
      if (file === undefined) return [];
      return [
        {
          ...found,
          key: `volumes[${i}]`,
          message: `${unescaped(source ?? "")} holds ${unescaped(file)}: whoever works in the container would read your keys`,
          todo: "Mount a folder without it, or keep Switchyard's state elsewhere: SWITCHYARD_STATE_DIR.",
        },
      ];
    });
    return [...added, ...mounted];
  });

export const mountRules: readonly LintRule[] = [files, binds, overOurs, engineInReach, keysInReach];
