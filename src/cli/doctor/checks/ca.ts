/** Files of certificates that the environment names: they are there, and none has expired. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemCodeOf } from "../../../shared/errors.ts";
import { bad, type Check, type Found, note, ok } from "../check.ts";

/** Of Node (the router), of OpenSSL's users (LiteLLM, npm), of Python. */
const variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] as const;

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const lookAt = (name: string, file: string, now: number): Found => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return bad(
      `${name} names ${file}, which cannot be read (${systemCodeOf(error) ?? "unknown"})`,
      `Correct ${name}, or unset it.`,
    );
  }
  const found = text.match(certificate) ?? [];
  if (found.length === 0)
    return bad(`${name} names ${file}, in which there is no certificate`, "It must be in PEM form.");
  const ended: string[] = [];
  for (const pem of found) {
    try {
      const { validTo, subject } = new X509Certificate(pem);
      if (Date.parse(validTo) < now) ended.push(`${subject.replaceAll("\n", ", ")} (${validTo})`);
    } catch {
      return bad(`${name} names ${file}, in which a certificate is damaged`, "Take it anew from its source.");
    }
  }
  if (ended.length === found.length)
    return bad(`every certificate of ${file} (${name}) has expired`, "Take it anew from its source.");
  // The collections of systems have some of these always.
  if (ended.length > 0 && found.length < 10)
    return note(`of ${file} (${name}) these have expired: ${ended.join("; ")}`);
  return ok(`${name}: ${found.length} certificates`);
};

export const ca: Check = {
  name: "ca",
  about: "files of certificates that the environment names",
  run: ({ env, now }) =>
    variables.flatMap((name) => {
      const file = env[name] ?? "";
      return file === "" ? [] : [lookAt(name, file, now())];
    }),
};
