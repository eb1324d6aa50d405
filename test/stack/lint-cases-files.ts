/** Cases of the lint about files, mounts and keys in sight. */
import { image, keyLike, type LintCase, nowhere, ours, ownKey } from "./lint-case.ts";

export const files: LintCase[] = [
  {
    title: "secret and config whose files are not there",
    document: {
      services: { a: { image, secrets: [{ source: "s" }], configs: [{ source: "c", target: "/c" }] } },
      secrets: { s: { file: `${nowhere}/s` } },
      configs: { c: { file: `${nowhere}/c` } },
    },
    finds: ["error files.missing a secrets[0]", "error files.missing a configs[0]"],
  },
  {
    title: "a secret that is defined nowhere",
    document: { services: { a: { image, secrets: [{ source: "s" }] } } },
    finds: ["error files.undefined a secrets[0]"],
    refused: true,
  },
  {
    title: "secrets from the environment and inline configs in a read-only container",
    document: {
      services: {
        a: { image, read_only: true, secrets: [{ source: "s" }], configs: [{ source: "c", target: "/c" }] },
      },
      secrets: { s: { environment: "HOME" } },
      configs: { c: { content: "text" } },
    },
    finds: ["error files.readOnly a secrets[0]", "error files.readOnly a configs[0]"],
  },
  {
    title: "the same in a container that can be written",
    document: {
      services: { a: { image, secrets: [{ source: "s" }], configs: [{ source: "c", target: "/c" }] } },
      secrets: { s: { environment: "HOME" } },
      configs: { c: { content: "text" } },
    },
    finds: [],
  },
  {
    title: "a folder that is not there and shall not be made",
    document: {
      services: {
        a: {
          image,
          volumes: [{ type: "bind", source: nowhere, target: "/x", bind: { create_host_path: false } }],
        },
      },
    },
    finds: ["error mounts.missing a volumes[0]"],
  },
  {
    title: "a folder that is not there and that the engine would make",
    document: {
      services: {
        a: {
          image,
          volumes: [
            { type: "bind", source: nowhere, target: "/x" },
            { type: "bind", source: nowhere, target: "/y", bind: { create_host_path: true } },
          ],
        },
      },
    },
    finds: ["warning mounts.missing a volumes[0]", "warning mounts.missing a volumes[1]"],
  },
];

const client = {
  image,
  labels: ours,
  volumes: [{ type: "bind", source: "/", target: "/etc/claude-code", read_only: true }],
};

export const mounts: LintCase[] = [
  {
    title: "our own mounts",
    document: { services: { "claude-code": client } },
    generated: { services: { "claude-code": client } },
    finds: [],
  },
  {
    title: "another folder in place of the client's settings",
    document: {
      services: {
        "claude-code": {
          ...client,
          volumes: [{ type: "volume", source: "mine", target: "/etc/claude-code" }],
        },
      },
      volumes: { mine: {} },
    },
    generated: { services: { "claude-code": client } },
    finds: ["error mounts.overOurs claude-code volumes[0]"],
  },
  {
    title: "the client's settings, but so that the client can write them",
    document: {
      services: {
        "claude-code": { ...client, volumes: [{ ...client.volumes[0], read_only: false }] },
      },
    },
    generated: { services: { "claude-code": client } },
    finds: ["error mounts.overOurs claude-code volumes[0]"],
  },
  {
    title: "a file over the client's settings, a folder in memory over the secrets",
    document: {
      services: {
        "claude-code": {
          ...client,
          configs: [{ source: "c", target: "/etc/claude-code/managed-settings.json" }],
          tmpfs: ["/run/secrets:mode=755"],
        },
      },
      configs: { c: { content: "{}" } },
    },
    generated: { services: { "claude-code": client } },
    finds: ["error mounts.overOurs claude-code tmpfs[0]", "error mounts.overOurs claude-code configs[0]"],
  },
  {
    title: "whatever a service of the user's own mounts there, and our service anywhere else",
    document: {
      services: {
        "claude-code": {
          ...client,
          volumes: [...client.volumes, { type: "volume", source: "mine", target: "/etc/claude-codes" }],
        },
        own: { image, volumes: [{ type: "volume", source: "mine", target: "/run/secrets" }] },
      },
      volumes: { mine: {} },
    },
    generated: { services: { "claude-code": client } },
    finds: [],
  },
  {
    title: "a privileged container",
    document: { services: { a: { image, privileged: true } } },
    finds: ["warning privilege.all a privileged"],
  },
  {
    title: "the engine's socket in a container of ours",
    document: {
      services: {
        a: {
          image,
          labels: ours,
          volumes: [{ type: "volume", source: "v", target: "/var/run/docker.sock" }],
        },
      },
      volumes: { v: {} },
    },
    finds: ["warning privilege.engine a volumes[0]"],
  },
  {
    title: "the engine's socket in a container of the user's own",
    document: {
      services: { a: { image, volumes: [{ type: "volume", source: "v", target: "/var/run/docker.sock" }] } },
      volumes: { v: {} },
    },
    finds: [],
  },
  {
    title: "a key's file given to the client as a secret",
    generated: { services: { a: { image, labels: ours } }, secrets: { keys: { file: "/etc/hostname" } } },
    document: {
      services: { a: { image, labels: ours, secrets: [{ source: "keys" }] } },
      secrets: { keys: { file: "/etc/hostname" } },
    },
    finds: ["error keys.inReach a secrets[0]"],
  },
  {
    title: "a workspace that holds the state folder with the keys in it",
    document: {
      services: {
        a: {
          image,
          labels: ours,
          volumes: [{ type: "bind", source: "/etc", target: "/workspace", bind: {} }],
        },
        b: {
          image,
          secrets: [{ source: "keys" }],
          volumes: [{ type: "bind", source: "/etc", target: "/x", bind: {} }],
        },
      },
      secrets: { keys: { file: "/etc/hostname" } },
    },
    finds: ["error keys.inReach a volumes[0]"],
  },
  {
    title: "a workspace beside the state folder",
    document: {
      services: {
        a: {
          image,
          labels: ours,
          volumes: [{ type: "bind", source: "/usr", target: "/workspace", bind: {} }],
        },
      },
      secrets: { keys: { file: "/usr2/hostname" } },
    },
    finds: [],
  },
];

/** Places of which `docker inspect` tells. */
const inSight: Record<string, (key: string) => object> = {
  "environment.TOKEN": (key) => ({ environment: { TOKEN: key } }),
  "labels.note": (key) => ({ labels: { note: `Bearer ${key}` } }),
  "command[1]": (key) => ({ command: ["--header", `x-api-key: ${key}`] }),
  "entrypoint[0]": (key) => ({ entrypoint: [`key=${key}`] }),
  "healthcheck.test[1]": (key) => ({ healthcheck: { test: ["CMD", key] } }),
  "build.args.KEY": (key) => ({ build: { context: ".", args: { KEY: key } } }),
};

export const visible: LintCase[] = [
  ...Object.entries(inSight).flatMap(([place, of]) =>
    [ownKey, keyLike].map((key) => ({
      title: `${key === ownKey ? "one of the user's keys" : "what looks like a key"} in ${place}`,
      document: { services: { a: { image, ...of(key) } } },
      finds: [`error secret.visible a ${place}`],
    })),
  ),
  {
    title: "a key as the name of a variable: the way to it is not shown either",
    document: { services: { a: { image, environment: { [ownKey]: ownKey } } } },
    finds: ["error secret.visible a environment (a name)", "error secret.visible a environment"],
  },
  {
    title: "a key in the labels of a network",
    document: {
      services: { a: { image, networks: { n: null } } },
      networks: { n: { labels: { note: ownKey } } },
    },
    finds: ["error secret.visible networks.n.labels.note"],
  },
  {
    title: "words that only begin as a key does",
    document: {
      services: {
        a: {
          image,
          environment: {
            A: "sk-learn-is-a-library-without-digits",
            B: "/data/sk-0123456789abcdef0123456789",
            C: "task-0123456789abcdef0123456789",
            D: "sk-short1",
          },
        },
      },
    },
    finds: [],
  },
];
