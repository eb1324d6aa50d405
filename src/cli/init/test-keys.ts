/** One small question to each provider of a draft, and what is told of it. */
import { spinner } from "@clack/prompts";
import { errorTable } from "../../shared/errors.ts";
import { painter, wantsColour } from "../ui/colour.ts";
import { type ProbeResult, probeProviders, type ProviderProbe } from "../probe/providers.ts";

/** `✓ zai answers (glm-4.5-air, 812 ms)`, `✗ zai does not answer: …` */
export const resultLine = ({ provider, model, took, problem, badKeys }: ProbeResult): string => {
  const paint = painter(wantsColour(process.env, process.stderr));
  if (problem !== undefined) return `${paint("red", "✗")} ${provider} does not answer: ${problem}`;
  const line = `${paint("green", "✓")} ${provider} answers (${model}, ${took} ms)`;
  return badKeys.length === 0
    ? line
    : `${line}\n  ${paint("yellow", "!")} not with these keys: ${badKeys.join(", ")}`;
};

/**
 * @param tell gets a line for each as it answers
 * @throws SwitchyardError as `probeProviders`
 */
export const testProviders = async (
  text: string,
  variables: Readonly<Record<string, string>>,
  probes: readonly ProviderProbe[],
  tell: (line: string) => void,
): Promise<ProbeResult[]> => {
  if (probes.length === 0) return [];
  const names = probes.map(({ provider }) => provider).join(", ");
  if (!process.stderr.isTTY)
    return probeProviders(text, variables, probes, (result) => tell(resultLine(result)));
  // While it turns the terminal gives Ctrl-C to the spinner as a key, at which that ends the process with status 0.
  const stopped = (): void => {
    process.stderr.write("switchyard: Stopped; no configuration was written\n");
    process.exitCode = errorTable["usage.stopped"].exit;
  };
  process.once("exit", stopped);
  const turning = spinner({ output: process.stderr, onCancel: () => process.exit() });
  turning.start(`asking ${names} one small question each`);
  let left = probes.length;
  const results = await probeProviders(text, variables, probes, () => {
    left -= 1;
    if (left > 0) turning.message(`asking ${names}: ${left} to answer`);
  })
    .catch((error: unknown) => {
      turning.error("the test could not be made");
      throw error;
    })
    .finally(() => process.off("exit", stopped));
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  const sum = `${results.length - failed} of ${results.length} providers answer`;
  if (failed === 0) turning.stop(sum);
  else turning.error(sum);
  for (const result of results) tell(resultLine(result));
  return results;
};
