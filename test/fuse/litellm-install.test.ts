/** LiteLLM on the machine itself, with a Python that only notes what it is asked. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { provideLitellm } from "../../src/fuse/litellm-install.ts";

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "switchyard-litellm-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "requirements.txt"), "litellm==1.2.3 --hash=sha256:00\n");
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a pip does that installs that version. */
const installs = (version: string): string =>
  `mkdir -p "$here/../lib/python3.11/site-packages/litellm-${version}.dist-info"`;

/** A `python3` that says it is of a version, makes environments of itself, and whose pip does what `pip` says. */
const python = (options: { version?: string; venv?: boolean; pip?: string } = {}): void => {
  const { version = "3.11", venv = true, pip = installs("1.2.3") } = options;
  const file = join(folder, "bin/python3");
  const script = `#!/bin/sh
PATH=/usr/bin:/bin
here=$(dirname "$0")
echo "$*" >>'${folder}/asked'
case "$*" in
  *version_info*) echo ${version};;
  *ensurepip*) ${venv ? "echo both" : "exit 1"};;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;
  "-m pip install "*) ${pip};;
  *) exit 9;;
esac
`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
};

const provide = (version = "1.2.3", patience?: number): Promise<string> =>
  provideLitellm({
    version,
    ...(patience !== undefined && { patience }),
    requirements: join(folder, "requirements.txt"),
    // The tools of the fake, and not this machine's Python.
    env: { PATH: join(folder, "bin"), XDG_CACHE_HOME: join(folder, "cache") },
    say: (line) => said.push(line),
  });

const cached = (): string[] => {
  const cache = join(folder, "cache/switchyard");
  return existsSync(cache) ? readdirSync(cache) : [];
};

describe("LiteLLM on the host", () => {
  it("is installed once, into the cache folder, and said", async () => {
    python();
    const program = await provide();
    expect(program).toMatch(/cache\/switchyard\/litellm-1\.2\.3-[0-9a-f]{6}\/bin\/python$/);
    expect(said.join("\n")).toMatch(/installing LiteLLM 1\.2\.3 from PyPI \(once.*\n.*installed in \d+ s/);
    said = [];
    const asked = readFileSync(join(folder, "asked"), "utf8");
    expect(await provide()).toBe(program);
    expect(said).toEqual([]);
    expect(readFileSync(join(folder, "asked"), "utf8").slice(asked.length)).not.toContain("pip");
  });

  it("other packages are another installation", async () => {
    python();
    const one = await provide();
    writeFileSync(join(folder, "requirements.txt"), "litellm==1.2.3 --hash=sha256:00\nextra==1\n");
    expect(await provide()).not.toBe(one);
    expect(cached()).toHaveLength(2);
  });

  it("without python3 it says what to install", async () => {
    await expect(provide()).rejects.toMatchObject({
      code: "litellm.missing",
      detail: expect.stringContaining("python3 is not installed") as unknown,
      hint: expect.stringContaining("apt-get install python3 python3-venv") as unknown,
    });
  });

  it("a Python that is too old is told with its version", async () => {
    python({ version: "3.8" });
    await expect(provide()).rejects.toThrow(/Python 3\.11 or later .* this machine's is 3\.8/);
  });

  it("a Python without its venv module is told, and nothing is begun", async () => {
    python({ venv: false });
    await expect(provide()).rejects.toMatchObject({
      detail: expect.stringContaining("no venv module") as unknown,
      hint: expect.stringContaining("apt-get install python3-venv") as unknown,
    });
    expect(cached()).toEqual([]);
  });

  it("a failure of pip is told in its own words, and leaves nothing behind", async () => {
    python({ pip: "echo 'no matching distribution' >&2; exit 1" });
    await expect(provide()).rejects.toThrow(/version 1\.2\.3: .*\n {2}no matching distribution/);
    expect(cached()).toEqual([]);
  });

  it("the pinned packages are installed by their hashes, and nothing else with them", async () => {
    python();
    await provide();
    expect(readFileSync(join(folder, "asked"), "utf8")).toMatch(
      /-m pip install .*--no-deps --require-hashes --only-binary :all: --requirement \S+\/requirements\.txt/,
    );
  });

  it("another version than the pinned one brings what it asks for itself", async () => {
    python({ pip: installs("9.9.9") });
    await provide("9.9.9");
    const asked = readFileSync(join(folder, "asked"), "utf8");
    expect(asked).toMatch(/-m pip install .*litellm\[proxy\]==9\.9\.9/);
    expect(asked).not.toContain("--requirement");
  });

  it("where pip brings another version than the configured one it is not used", async () => {
    python();
    await expect(provide("9.9.9")).rejects.toThrow("another version");
    expect(cached()).toEqual([]);
  });

  it("is not installed again where the machine is too busy for its Python to say a word", async () => {
    python();
    const program = await provide();
    writeFileSync(program, "#!/bin/sh\nexec sleep 60\n");
    said = [];
    expect(await provide("1.2.3", 100)).toBe(program);
    expect(said).toEqual([]);
  });

  it("of another Python by now is installed beside the one before, which stays for what runs in it", async () => {
    python();
    const program = await provide();
    writeFileSync(program, "#!/bin/sh\necho 3.12\n");
    const [before] = cached();
    said = [];
    const next = await provide();
    expect(next).toBe(join(folder, "cache/switchyard", `${before}-2`, "bin/python"));
    expect(said[0]).toMatch(/ no longer works, and stays .* can be deleted$/);
    expect(cached()).toEqual([before, `${before}-2`]);
    expect(readFileSync(program, "utf8")).toContain("3.12");
    said = [];
    expect(await provide()).toBe(next);
    expect(said).toEqual([]);
  });

  it("that two shells install at once is there once, for both", async () => {
    python();
    const [one, other] = await Promise.all([provide(), provide()]);
    expect(one).toBe(other);
    expect(cached()).toHaveLength(1);
  });
});
