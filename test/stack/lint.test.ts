/** What is wrong with a compose document, found before anything starts. */
import { describe, expect, it } from "vitest";
import { testConfig } from "../support/config.ts";
import { findingLine, lintCompose, type Finding, type LintFacts } from "../../src/stack/lint.ts";
import { portable, portableStack } from "../../src/stack/placement.ts";
import { stacks } from "../../src/stack/services/index.ts";
import { servicesStack } from "../../src/stack/services/services.ts";
import { keyLike, lintCases, nowhere, ownKey } from "./lint-cases.ts";

const facts: LintFacts = { fileExists: (path) => !path.startsWith(nowhere), secrets: [ownKey, "short"] };

const short = ({ severity, rule, service, key }: Finding): string =>
  [severity, rule, ...(service === undefined ? [] : [service]), key].join(" ");

describe("lint of a compose document", () => {
  it.each(lintCases)("$title", ({ document, generated, finds }) => {
    const found = lintCompose(document, generated === undefined ? facts : { ...facts, generated });
    expect(found.map(short)).toEqual(finds);
  });

  it("says what is wrong, where, and what to do", () => {
    const port = (ip?: string) => ({
      target: 80,
      published: "3000",
      ...(ip !== undefined && { host_ip: ip }),
    });
    const lines = lintCompose(
      { services: { router: { ports: [port("127.0.0.1")] }, web: { ports: [port()] } } },
      facts,
    ).map(findingLine);
    expect(lines).toEqual([
      "error: service 'web', ports[0]: port 3000 is published by 'router' (ports[0], 127.0.0.1, port 3000) too. Give one of them another `published` port, or remove it.",
      `warning: service 'web', ports[0]: port 3000 is published on every address: other machines of the network can reach it. Set host_ip to 127.0.0.1; or, where that is meant, the label io.switchyard.public: "true".`,
    ]);
  });

  it("never shows a key, wherever it found one", () => {
    const bind = {
      type: "bind",
      source: `${nowhere}/${ownKey}`,
      target: "/x",
      bind: { create_host_path: true },
    };
    const findings = [
      ...lintCases.flatMap(({ document }) => lintCompose(document, facts)),
      ...lintCompose(
        { services: { a: { image: ownKey, volumes: [bind], container_name: ownKey } } },
        { ...facts, nameHolder: () => "x" },
      ),
    ];
    expect(findings.filter(({ rule }) => rule === "secret.visible").length).toBeGreaterThan(14);
    expect(JSON.stringify(findings)).not.toContain(ownKey);
    expect(JSON.stringify(findings)).not.toContain(keyLike);
  });

  it("a key with a dollar sign is found in the form in which compose prints it", () => {
    const document = { services: { a: { environment: { A: "pa$$word-of-mine" } } } };
    const found = lintCompose(document, { ...facts, secrets: ["pa$word-of-mine"] });
    expect(found.map(short)).toEqual(["error secret.visible a environment.A"]);
  });

  it("a path with a dollar sign is looked for as it is on the disk", () => {
    const seen: string[] = [];
    const volumes = [{ type: "bind", source: "/a$$b", target: "/x", bind: {} }];
    lintCompose({ services: { a: { volumes } } }, { fileExists: (path) => seen.push(path) > 0 });
    expect(seen).toEqual(["/a$b"]);
  });

  it.each([
    [true, []],
    [false, ["error health.missing a depends_on.b"]],
    [undefined, ["warning health.missing a depends_on.b"]],
  ])("a healthcheck of the image itself counts: %s", (inImage, finds) => {
    const found = lintCompose(
      {
        services: {
          a: { depends_on: { b: { condition: "service_healthy" } } },
          b: { image: "web", healthcheck: {} },
        },
      },
      { ...facts, imageHealthcheck: (image) => (image === "web" ? inImage : true) },
    );
    expect(found.map(short)).toEqual(finds);
  });

  it("a container name that another project has is named with its owner", () => {
    const found = lintCompose(
      { services: { a: { container_name: "db" } } },
      { ...facts, nameHolder: (name) => (name === "db" ? "the compose project 'shop'" : undefined) },
    );
    expect(found.map(({ message }) => message)).toEqual([
      "the name 'db' is taken by the compose project 'shop'",
    ]);
  });

  const config = testConfig("");
  it.each([
    ...stacks.map((stack) => ({ name: stack.name, document: stack.document(config, portable) })),
    { name: servicesStack.name, document: servicesStack.document(config, portableStack) },
  ])("has nothing to say of our own $name", ({ document }) => {
    expect(lintCompose(document, { ...facts, generated: document }).map(findingLine)).toEqual([]);
  });
});
