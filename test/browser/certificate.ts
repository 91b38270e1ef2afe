// A self-signed certificate, made anew for each test: the browser is told to accept any, and wants
// one all the same. Written in DER by hand, since Node can sign but not write certificates (X.509
// version 1, RFC 5280: no extensions).
import { generateKeyPairSync, sign } from "node:crypto";

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  const size = length < 128 ? [length] : long;
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const sequence = (...contents: Buffer[]) => tagged(0x30, ...contents);
const hex = (text: string) => Buffer.from(text, "hex");

const ecdsaWithSha256 = sequence(tagged(0x06, hex("2a8648ce3d040302")));
const commonName = tagged(0x06, hex("550403"));
const name = sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from("lab")))));
const validity = sequence(
  tagged(0x17, Buffer.from("200101000000Z")),
  tagged(0x17, Buffer.from("491231235959Z")),
);

export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subjectKey = publicKey.export({ type: "spki", format: "der" });
  const serial = tagged(0x02, hex("01"));
  const unsigned = sequence(serial, ecdsaWithSha256, name, validity, name, subjectKey);
  const signature = tagged(0x03, hex("00"), sign("sha256", unsigned, privateKey));
  const der = sequence(unsigned, ecdsaWithSha256, signature);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}
