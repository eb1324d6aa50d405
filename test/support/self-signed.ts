/** A certificate made on the spot, for servers of tests that must be spoken to over TLS (RFC 5280, in DER by ITU-T X.690). */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const long = body.length > 0xff ? [0x82, body.length >> 8, body.length & 0xff] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...(body.length < 0x80 ? [body.length] : long)]), body]);
};
const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts);
const hex = (tag: number, digits: string): Buffer => tlv(tag, Buffer.from(digits, "hex"));
const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
/** UTCTime. */
const time = (at: Date): Buffer =>
  tlv(0x17, Buffer.from(`${at.toISOString().slice(2).replaceAll(/[-:T]/g, "").slice(0, 12)}Z`));

const commonName = hex(0x06, "550403");
const ecdsaWithSha256 = sequence(hex(0x06, "2a8648ce3d040302"));
const subjectAltName = hex(0x06, "551d11");

/** A certificate for these names, which trusts itself, with its key: both as PEM. It is good for a day. */
export const selfSigned = (names: readonly string[]): { certificate: string; key: string } => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = sequence(tlv(0x31, sequence(commonName, utf8("A test's own"))));
  const day = 24 * 3_600_000;
  const alternatives = sequence(...names.map((each) => tlv(0x82, Buffer.from(each))));
  const body = sequence(
    tlv(0xa0, hex(0x02, "02")),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(sequence(subjectAltName, tlv(0x04, alternatives)))),
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n");
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
};
