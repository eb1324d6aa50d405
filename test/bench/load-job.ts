/** What the load generator is told, and what it reports. */
import type { AnswerName, Form } from "./answers.ts";

export interface LoadJob {
  port: number;
  path: string;
  /** Of the client's side: what it speaks. */
  form: Form;
  stream: boolean;
  /** The answer that `body` asks for. */
  answer: AnswerName;
  /** Besides those of the client: `name: value`. */
  headers: readonly string[];
  /** JSON text with `counterMark` wherever something new stands. */
  body: string;
  connections: number;
  /** The run ends after so many requests, or … */
  requests: number;
  /** … when no more are begun after so many milliseconds, whichever comes first; at least one a connection is made, … */
  milliseconds: number;
  /** … and at least so many, for up to three times as long: on a busy machine the time alone would leave few. */
  least: number;
}

export interface LoadReport {
  /** Milliseconds from the request's first byte to the first content of its answer, ascending; correct answers only. */
  first: number[];
  /** … to the end of its answer. */
  end: number[];
  /** Correct answers. */
  completed: number;
  /** Seconds from the first request to the last answer. */
  seconds: number;
  /** What was wrong with the others, and how often. */
  faults: Record<string, number>;
  /** The beginning of the first wrong answer. */
  sample: string | undefined;
  /** Of the load generator itself. */
  cpuSeconds: number;
}
