import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

// The DER of an X.509 certificate (RFC 5280 §4.1), the minimum that TLS needs. Node reads certificates but makes none.
const der = (tag, ...parts) => {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...parts) => der(0x30, ...parts);
const integer = (bytes) => der(0x02, bytes);
const time = (date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, "")}Z`));
const oid = (hex) => der(0x06, Buffer.from(hex, "hex"));

const COMMON_NAME = "550403";
const SUBJECT_ALTERNATIVE_NAME = "551d11";
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const DNS_NAME = 0x82;
const DAY_MS = 86_400_000;

/** A key and a self-signed certificate for localhost, valid for a day: `{ key, cert }` in PEM. */
export function selfSigned() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from("localhost")))));
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const host = der(0x04, sequence(der(DNS_NAME, Buffer.from("localhost"))));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name, // the issuer
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + DAY_MS))),
    name, // the subject
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(oid(SUBJECT_ALTERNATIVE_NAME), host))),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, privateKey));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: pem(sequence(body, algorithm, signature)),
  };
}

const pem = (bytes) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
