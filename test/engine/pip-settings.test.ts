/** A build reaches the Python index that the user's own pip reaches, and learns nothing else of the machine. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildInputs } from "../../src/engine/build-inputs.ts";
import { pipCertificate, pipSettings } from "../../src/engine/pip-settings.ts";

describe("pip's settings for a build", () => {
  let home: string;
  const write = (path: string, text: string): string => {
    const file = join(home, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const lines = (env: Record<string, string> = {}): string[] =>
    pipSettings(env, home, join(home, "etc.conf")).split("\n");
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "switchyard-pip-"))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it("hold the user's index, further indexes and proxy, whichever way they are spelled and broken into lines", () => {
    write(
      ".config/pip/pip.conf",
      "# mine\n[global]\nindex_url = https://me:pass%40@pypi.invalid/simple\nextra-index-url =\n    https://a.invalid\n    https://b.invalid\nproxy=http://p.invalid:1\n\n[list]\nformat = columns\n",
    );
    expect(lines()).toEqual([
      "[global]",
      "index-url = https://me:pass%40@pypi.invalid/simple",
      "extra-index-url = https://a.invalid https://b.invalid",
      "proxy = http://p.invalid:1",
    ]);
  });

  it("leave out folders of this machine, and what has nothing to do with an index", () => {
    const system = write("etc.conf", "[global]\nproxy = http://p.invalid:1\nno-index = true\n");
    write(".pip/pip.conf", "[global]\nfind-links = /opt/wheels\ncache-dir = /var/cache/pip\ntimeout = 9\n");
    expect(pipSettings({ PIP_FIND_LINKS: "/opt/wheels" }, home, system)).toBe(
      "[global]\nproxy = http://p.invalid:1",
    );
  });

  it("a variable stands above a file, a named file above the usual ones, `install` above `global`", () => {
    write(
      ".config/pip/pip.conf",
      "[install]\nindex-url = https://two.invalid\n[global]\nindex-url = https://one.invalid\n",
    );
    expect(lines()).toContain("index-url = https://two.invalid");
    const own = write("own.conf", "[global]\nindex-url: https://three.invalid\n");
    expect(lines({ PIP_CONFIG_FILE: own })).toContain("index-url = https://three.invalid");
    expect(lines({ PIP_CONFIG_FILE: own, PIP_INDEX_URL: "https://four.invalid" })).toContain(
      "index-url = https://four.invalid",
    );
  });

  it("no file is read where pip was told to read none", () => {
    write(".config/pip/pip.conf", "[global]\nindex-url = https://one.invalid\n");
    expect(pipSettings({ PIP_CONFIG_FILE: "/dev/null" }, home)).toBe("");
  });

  it("reach the build as a secret file that is gone afterwards, and pip's own CA bundle is lent with them", async () => {
    const ca = write("ca.pem", "certificate");
    const env = { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: "https://index.invalid", PIP_CERT: ca };
    expect(pipCertificate(env, home)).toBe(ca);
    const inputs = await buildInputs({ env, home, root: home, ownSources: false });
    const secrets = inputs.args.filter((argument) => argument.startsWith("id="));
    expect(secrets).toContain(`id=ca,src=${ca}`);
    const file = secrets.find((each) => each.startsWith("id=pipconf,"))?.split("src=")[1] ?? "";
    expect(readFileSync(file, "utf8").trim()).toBe("[global]\nindex-url = https://index.invalid");
    await inputs.dispose();
    expect(() => readFileSync(file)).toThrow("ENOENT");
  });
});
