/** Small documents with what the lint says of each. The end-to-end tests show them to the real compose too. */
import { image, type LintCase, local, probe } from "./lint-case.ts";
import { files, mounts, visible } from "./lint-cases-files.ts";

export { keyLike, type LintCase, nowhere, ownKey } from "./lint-case.ts";

const ports: LintCase[] = [
  {
    title: "two services on one port",
    document: {
      services: { a: { image, ports: [local("3000")] }, b: { image, ports: [local("3000", 81)] } },
    },
    finds: ["error ports.duplicate b ports[0]"],
  },
  {
    title: "one service, one port, two targets",
    document: { services: { a: { image, ports: [local("3000", 80), local("3000", 81)] } } },
    finds: ["error ports.duplicate a ports[1]"],
  },
  {
    title: "every address takes 127.0.0.1 in",
    document: {
      services: {
        a: { image, ports: [local("3000")] },
        b: { image, labels: { "io.switchyard.public": "true" }, ports: [{ target: 80, published: "3000" }] },
      },
    },
    finds: ["error ports.duplicate b ports[0]"],
  },
  {
    title: "127.0.0.1 is within every address",
    document: {
      services: {
        a: {
          image,
          labels: { "io.switchyard.public": "true" },
          ports: [{ target: 80, published: "3000" }],
        },
        b: { image, ports: [local("3000")] },
      },
    },
    finds: ["error ports.duplicate b ports[0]"],
  },
  {
    title: "0.0.0.0 takes 127.0.0.1 in",
    document: {
      services: {
        a: {
          image,
          labels: { "io.switchyard.public": "true" },
          ports: [{ ...local("3000"), host_ip: "0.0.0.0" }],
        },
        b: { image, ports: [local("3000", 81)] },
      },
    },
    finds: ["error ports.duplicate b ports[0]"],
  },
  {
    title: "a port inside another's range that has one left is free",
    document: { services: { a: { image, ports: [local("3000"), local("3000-3001", 81)] } } },
    finds: [],
  },
  {
    title: "a range of which every port is taken",
    document: {
      services: {
        a: { image, ports: [local("3000", 1), local("3001", 2)] },
        b: { image, ports: [local("3000-3001", 3)] },
      },
    },
    finds: ["error ports.duplicate b ports[0]"],
  },
  {
    title: "other addresses, other protocols, other families and free ports do not collide",
    document: {
      services: {
        a: {
          image,
          ports: [
            local("3000"),
            { ...local("3000"), host_ip: "127.0.0.2" },
            { ...local("3000"), protocol: "udp" },
          ],
        },
        b: { image, ports: [{ ...local("3000"), host_ip: "::1" }, local("0"), local("0", 81)] },
      },
    },
    finds: [],
  },
  {
    title: "two containers of one service on one port",
    document: { services: { a: { image, deploy: { replicas: 2 }, ports: [local("3000")] } } },
    finds: ["error ports.replicas a ports[0]"],
  },
  {
    title: "two containers of one service on a range of two",
    document: { services: { a: { image, deploy: { replicas: 2 }, ports: [local("3000-3001")] } } },
    finds: [],
  },
  {
    title: "a port that the whole network reaches, also a free one",
    document: {
      services: { a: { image, ports: [{ ...local("3000"), host_ip: "0.0.0.0" }, { target: 81 }] } },
    },
    finds: ["warning ports.public a ports[0]", "warning ports.public a ports[1]"],
  },
  {
    title: "a port that is public on purpose",
    document: {
      services: {
        a: { image, labels: { "io.switchyard.public": "true" }, ports: [{ target: 80, published: "3000" }] },
      },
    },
    finds: [],
  },
  {
    title: "ports beside the machine's own network",
    document: {
      services: {
        a: { image, ports: [local("3000")] },
        b: { image, network_mode: "host", ports: [{ target: 80, published: "3000" }] },
      },
    },
    finds: ["warning network.mode b network_mode"],
  },
  {
    title: "ports beside another service's network",
    document: { services: { a: { image }, b: { image, network_mode: "service:a", ports: [local("3000")] } } },
    finds: ["error network.mode b network_mode"],
  },
  {
    title: "networks beside the machine's own",
    document: {
      services: { a: { image, network_mode: "host", networks: { x: null } } },
      networks: { x: {} },
    },
    finds: ["error network.mode a network_mode"],
    refused: true,
  },
];

const health: LintCase[] = [
  {
    title: "waiting for the health of a service whose image may have no healthcheck",
    document: {
      services: { a: { image, depends_on: { b: { condition: "service_healthy" } } }, b: { image } },
    },
    finds: ["warning health.missing a depends_on.b"],
  },
  {
    title: "waiting for the health of a service whose healthcheck is switched off",
    document: {
      services: {
        a: {
          image,
          depends_on: { b: { condition: "service_healthy" }, c: { condition: "service_healthy" } },
        },
        b: { image, healthcheck: { disable: true } },
        c: { image, healthcheck: { test: ["NONE"] } },
      },
    },
    finds: ["error health.missing a depends_on.b", "error health.missing a depends_on.c"],
  },
  {
    title: "waiting for a service that is checked, or only for its start",
    document: {
      services: {
        a: {
          image,
          depends_on: { b: { condition: "service_healthy" }, c: { condition: "service_started" } },
        },
        b: { image, healthcheck: probe },
        c: { image },
      },
    },
    finds: [],
  },
];

const names: LintCase[] = [
  {
    title: "two services of one name",
    document: { services: { a: { image, container_name: "same" }, b: { image, container_name: "same" } } },
    finds: ["error name.taken b container_name"],
    refused: true,
  },
];

export const lintCases: readonly LintCase[] = [
  ...ports,
  ...health,
  ...files,
  ...mounts,
  ...visible,
  ...names,
];
