/** A provider that takes every key but those with `wrong` in them, in whatever header they come. */
import { type ScriptedProvider, startProvider } from "./server.ts";

/** @param text what it answers to the others */
export const startRefusingProvider = (text: string): Promise<ScriptedProvider> =>
  startProvider(({ headers }) =>
    JSON.stringify(headers).includes("wrong")
      ? { error: { status: 401, body: '{"error":{"message":"no such key","type":"authentication_error"}}' } }
      : { text },
  );
