/** The form of `stack`: how the containers run. */
import { boolean, oneOf, text, wholeNumber } from "./schema-fields.ts";
import { z } from "./zod.ts";

const map = "a map (key: value)";

const versionOf = (example: string) => {
  const allowed = { error: `a version in quotes, as "${example}"` };
  return z
    .string(allowed)
    .regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/, allowed)
    .optional();
};

/** Limits of a container. */
const limits = () => ({
  memory: z
    .string({ error: 'an amount of memory, as "4g"' })
    .regex(/^\d+(?:\.\d+)?[bkmg]b?$/i, { error: 'an amount of memory, as "4g"' })
    .optional(),
  cpus: z
    .union(
      [z.number().positive(), z.string().regex(/^\d+(?:\.\d+)?$/, { error: "a number of CPUs, as 2" })],
      {
        error: "a number of CPUs, as 2",
      },
    )
    .optional(),
  pids: wholeNumber(1, 4_194_304, "a number of processes"),
});

export const stackSchema = z
  .strictObject(
    {
      project: z
        .string({ error: "a name of small letters, digits, - and _" })
        .regex(/^(?:[a-z0-9][a-z0-9_-]*)?$/, { error: "a name of small letters, digits, - and _" })
        .optional()
        .meta({ description: "Name of the compose project; empty: made from the checkout's folder." }),
      runtime: oneOf(["auto", "docker", "host"] as const),
      client: z
        .strictObject(
          {
            version: versionOf("2.1.329").meta({ description: "Claude Code's version on npm." }),
            ...limits(),
          },
          { error: map },
        )
        .optional()
        .meta({ description: "Claude Code, and the container that holds it alone (make up)." }),
      router: z
        .strictObject(limits(), { error: map })
        .optional()
        .meta({ description: "The container that holds the router alone (make up)." }),
      litellm: z
        .strictObject(
          {
            version: versionOf("1.102.4").meta({
              description: "LiteLLM's version, of its image and on PyPI. 1.84.0 or later.",
            }),
            port: wholeNumber(0, 65_535, "a port").meta({
              description: "Where LiteLLM is reached from this machine (make up). 0 takes a free one.",
            }),
            config: text("the path of a LiteLLM config.yaml").meta({
              description: "Your own LiteLLM configuration, run unchanged instead of the generated one.",
            }),
            clientKey: z.string({ error: "a key, as ${VARIABLE}" }).optional().meta({
              description: "What the client sends to LiteLLM where `config` is your own.",
            }),
            ...limits(),
          },
          { error: map },
        )
        .optional()
        .meta({ description: "LiteLLM, and the container that holds it alone (make up)." }),
      cliproxyapi: z
        .strictObject(
          {
            enabled: boolean().meta({
              description: "CLIProxyAPI runs beside the stack (make up): docs/cliproxyapi.md.",
            }),
            version: versionOf("6.9.16").meta({
              description: "CLIProxyAPI's version, of its image and as a Go module.",
            }),
            port: wholeNumber(0, 65_535, "a port").meta({
              description: "Where CLIProxyAPI is reached from this machine (make up). 0 takes a free one.",
            }),
            fetchModels: boolean().meta({
              description:
                "It asks for the newest list of models at its start; without, it has the one of its version.",
            }),
            config: text("the path of a CLIProxyAPI config.yaml").meta({
              description:
                "The configuration of a CLIProxyAPI that you run yourself: `switchyard accounts` is then about that one.",
            }),
            ...limits(),
          },
          { error: map },
        )
        .optional()
        .meta({ description: "CLIProxyAPI, and the container that holds it alone (make up)." }),
      ollama: z
        .strictObject(
          {
            enabled: boolean().meta({
              description: "Ollama runs beside the stack (make up): docs/local-models.md.",
            }),
            version: versionOf("0.12.6").meta({ description: "Tag of its image, ollama/ollama." }),
            port: wholeNumber(0, 65_535, "a port").meta({
              description: "Where Ollama is reached from this machine (make up). 0 takes a free one.",
            }),
            contextLength: wholeNumber(1024, 100_000_000, "a number of tokens").meta({
              description: "Tokens that a model is loaded with room for.",
            }),
            ...limits(),
          },
          { error: map },
        )
        .optional()
        .meta({ description: "Ollama, and the container that holds it alone (make up)." }),
      observability: z
        .strictObject(
          {
            enabled: boolean().meta({
              description: "Prometheus and Grafana run beside the stack (make up).",
            }),
            grafanaPort: wholeNumber(0, 65_535, "a port").meta({
              description: "Where Grafana is reached from this machine. 0 takes a free one.",
            }),
          },
          { error: map },
        )
        .optional(),
      fused: z
        .strictObject(limits(), { error: map })
        .optional()
        .meta({ description: "Limits of a fused container." }),
    },
    { error: map },
  )
  .optional();
