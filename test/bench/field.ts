/** The field of a run: the provider, the load generator, and a process of each contender for each form that it serves. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AnswerName, Form } from "./answers.ts";
import { requestBody, type BodyName } from "./bodies.ts";
import type { Case } from "./cases.ts";
import { clientModel, type Contender } from "./contenders/contender.ts";
import type { LoadReport } from "./load-job.ts";
import { cpuSeconds } from "./proc.ts";
import { freePort, startContender, type LoadGenerator, type Started } from "./processes.ts";
import type { Sample } from "./results.ts";
import { quantile } from "./statistics.ts";

export interface Field {
  readonly provider: { readonly pid: number; readonly port: number };
  readonly load: LoadGenerator;
  /** Where homes and configurations are made. */
  readonly dir: string;
}

/** A contender for one form; `process` is missing for the direct call. */
export interface Entry {
  readonly contender: Contender;
  readonly form: Form;
  readonly port: number;
  readonly process: Started | undefined;
  /** What its client sends besides what every client does. */
  readonly headers: readonly string[];
}

/** @throws Error when the process does not become ready */
export const enter = async (field: Field, contender: Contender, form: Form): Promise<Entry> => {
  const port = await freePort();
  const dir = await mkdtemp(join(field.dir, `${contender.name}-`));
  const providerPort = field.provider.port;
  const headers = contender.headers?.(providerPort) ?? [];
  const command = await contender.launch({ form, providerPort, port, dir });
  if (command === undefined) return { contender, form, port: providerPort, process: undefined, headers };
  return { contender, form, port, headers, process: await startContender(command, port, contender) };
};

const bodies = new Map<string, string>();
export const bodyOf = (name: BodyName, stream: boolean, answer: AnswerName): string => {
  const key = `${name} ${stream} ${answer}`;
  const made = bodies.get(key) ?? requestBody(name, stream, clientModel, answer);
  bodies.set(key, made);
  return made;
};

/** As `LoadJob` has them. */
export interface Bounds {
  readonly requests: number;
  readonly milliseconds: number;
  readonly least?: number;
}

/** Has the load generator serve one case to one contender. */
export const load = (
  field: Field,
  entry: Entry,
  each: Pick<Case, "stream" | "body" | "connections"> & { readonly answer?: AnswerName },
  bounds: Bounds,
): Promise<LoadReport> =>
  field.load.run({
    port: entry.port,
    path: entry.contender.requestPath(entry.form, each.stream),
    form: entry.contender.clientForm(entry.form),
    stream: each.stream,
    answer: each.answer ?? "short",
    headers: entry.headers,
    body: bodyOf(each.body, each.stream, each.answer ?? "short"),
    connections: each.connections,
    requests: bounds.requests,
    milliseconds: bounds.milliseconds,
    least: bounds.least ?? 0,
  });

export const describeFaults = (report: LoadReport): string => {
  const faults = Object.entries(report.faults).map(([what, times]) => `${what} (${times} times)`);
  return `${faults.join("; ")}${report.sample === undefined || report.sample === "" ? "" : `: ${report.sample}`}`;
};

/**
 * One round of one contender in one case.
 * @param late milliseconds until its CPU is read; default: until all is done
 * @returns the sample, or what was wrong
 */
export const measure = async (
  field: Field,
  entry: Entry,
  each: Case,
  bounds: Bounds,
  late = entry.contender.late ?? 0,
): Promise<Sample | string> => {
  const cpuNow = (): number => (entry.process === undefined ? Number.NaN : cpuSeconds(entry.process.pid));
  const cpuBefore = cpuNow();
  const providerBefore = cpuSeconds(field.provider.pid);
  const report = await load(field, entry, each, bounds);
  const providerCpu = cpuSeconds(field.provider.pid) - providerBefore;
  if (late > 0) await pause(late);
  const cpu = cpuNow() - cpuBefore;
  if (Object.keys(report.faults).length > 0) return describeFaults(report);
  return {
    requests: report.completed,
    first50: quantile(report.first, 0.5),
    first99: quantile(report.first, 0.99),
    end50: quantile(report.end, 0.5),
    end99: quantile(report.end, 0.99),
    perSecond: report.completed / report.seconds,
    cpuPer1000: (cpu / report.completed) * 1000,
    busy: cpu / report.seconds,
    loadBusy: report.cpuSeconds / report.seconds,
    providerBusy: providerCpu / report.seconds,
  };
};
