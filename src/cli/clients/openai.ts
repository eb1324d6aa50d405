/** Programs with OpenAI's SDKs, which read two variables. */
import type { Client } from "./client.ts";

export const openai: Client = {
  name: "openai",
  title: "Programs with OpenAI's SDKs",
  variables: ({ baseUrl, key }) => ({
    OPENAI_BASE_URL: `${baseUrl}/v1`,
    // Its name in older programs.
    OPENAI_API_BASE: `${baseUrl}/v1`,
    OPENAI_API_KEY: key,
  }),
};
