/** Reads Prometheus's text format strictly: what it does not know is an error, as it is to a scraper. */

export interface Family {
  readonly kind: string;
  readonly help: string;
  /** `name{label="value"}` -> value. */
  readonly samples: Map<string, number>;
}

const sampleForm = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*\})? (\S+)$/;

/** @throws Error on a line that is none of the format, a second head of a family, a sample outside of its family */
export const readExposition = (text: string): Map<string, Family> => {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, Family>();
  let name = "";
  let help = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head?.[1] === "HELP") {
      if (families.has(head[2]!)) throw new Error(`${head[2]} stands twice`);
      [name, help] = [head[2]!, head[3]!];
    } else if (head?.[1] === "TYPE") {
      if (head[2] !== name) throw new Error(`TYPE of ${head[2]} without its HELP`);
      families.set(name, { kind: head[3]!, help, samples: new Map() });
    } else {
      const sample = sampleForm.exec(line);
      const value = Number(sample?.[3]);
      if (sample === null || Number.isNaN(value)) throw new Error(`no sample: ${line}`);
      const family = families.get(name);
      const suffix = sample[1]!.slice(name.length);
      const allowed = family?.kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      if (!sample[1]!.startsWith(name) || !allowed.includes(suffix)) throw new Error(`${line} under ${name}`);
      const key = `${sample[1]}${sample[2] ?? ""}`;
      if (family!.samples.has(key)) throw new Error(`${key} stands twice`);
      family!.samples.set(key, value);
    }
  }
  return families;
};
