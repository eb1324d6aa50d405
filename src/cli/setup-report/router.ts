/** The part of the report that is about the router: it is started on this configuration for a moment, and asked as another client would. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config, Target } from "../../config/types.ts";
import { messageOf } from "../../shared/errors.ts";
import { isJsonObject, parseJsonObject } from "../../shared/json.ts";
import { readText } from "../../shared/text-file.ts";
import { keysOf, type Loaded } from "../configuration.ts";
import { probeOf } from "../probe/providers.ts";
import { startProbeRouter } from "../probe/router.ts";
import { targetName } from "../../config/types.ts";
import type { SetupReport } from "./text.ts";

type Part = Pick<SetupReport, "models" | "completions" | "blocking" | "manual">;

/** What the test asks: an account behind CLIProxyAPI where one is wanted, else the first target of the default route that needs no login of the client's. */
const targetToAsk = ({ profiles, routes, providers }: Config, accounts: boolean): Target | undefined => {
  const codex = accounts ? profiles.get("codex")?.models.haiku : undefined;
  return [...(codex ?? []), ...routes.default.use].find(({ provider }) => {
    const found = providers.get(provider);
    return found !== undefined && found.disabled === undefined && found.auth !== "passthrough";
  });
};

const hasContent = (text: string): boolean => {
  const choices = parseJsonObject(text)?.["choices"];
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isJsonObject(first) && isJsonObject(first["message"]);
};

const hasModels = (text: string): boolean => {
  const data = parseJsonObject(text)?.["data"];
  return Array.isArray(data) && data.length > 0;
};

/** @param accounts a CLIProxyAPI is wanted */
export const routerPart = async (loaded: Loaded, accounts: boolean): Promise<Part> => {
  const file = loaded.configFile ?? join(loaded.root, "config", "switchyard.yaml");
  const text = existsSync(file) ? readText(file) : "";
  const blocking: string[] = [];
  const manual: string[] = [];
  let [models, completions] = [false, false];
  try {
    const router = await startProbeRouter(text, keysOf(loaded.source));
    try {
      const listed = await router.ask("/v1/models");
      models = listed.status === 200 && hasModels(listed.text);
      if (!models) blocking.push(`/v1/models: status ${listed.status}`);
      const target = targetToAsk(loaded.config, accounts);
      if (target === undefined)
        manual.push(
          "every model of the default route needs the client's own login: log in inside of a shell",
        );
      else {
        const { provider, model } = probeOf(targetName(target));
        const answer = await router.ask("/v1/chat/completions", {
          model: `${provider},${model}`,
          max_tokens: 64,
          messages: [{ role: "user", content: "ping" }],
        });
        completions = answer.status === 200 && hasContent(answer.text);
        if (!completions)
          blocking.push(
            `/v1/chat/completions (${provider},${model}): status ${answer.status} ${answer.text}`,
          );
        else if (provider === "demo")
          manual.push(
            "no provider has a key, and the demo answered: a person gives one to `switchyard init` or `switchyard secrets set NAME`",
          );
      }
    } finally {
      await router.close();
    }
  } catch (error) {
    blocking.push(messageOf(error));
  }
  return { models, completions, blocking, manual };
};
