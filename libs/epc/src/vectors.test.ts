import { readFileSync } from "node:fs";
import { sharedData } from "@tagwire/testing";
import { expect, test } from "vitest";
import { decodeEpc, encodeEpc } from "./epc.ts";
import { schemeNamed } from "./scheme.ts";

/** Worked examples of the standard (TDS 1.13 and 2.x, appendix E.3) and of published decoders, typed as facts. */
test.each([
  ["3074257BF7194E4000001A85", "sgtin-96:3.0614141.812345.6789"],
  ["3674257BF6B7A659B2C2BF100000000000000000000000000000", "sgtin-198:3.0614141.712345.32a%2Fb"],
  ["3174257BF4499602D2000000", "sscc-96:3.0614141.1234567890"],
  ["3274257BF46072000000162E", "sgln-96:3.0614141.12345.5678"],
  ["3974257BF46072CD9615F8800000000000000000000000000", "sgln-195:3.0614141.12345.32a%2Fb"],
  ["3374257BF40C0E400000162E", "grai-96:3.0614141.12345.5678"],
  ["3774257BF40C0E59B2C2BF100000000000000000000", "grai-170:3.0614141.12345.32a%2Fb"],
  ["3474257BF40000000000162E", "giai-96:3.0614141.5678"],
  ["3874257BF59B2C2BF10000000000000000000000000000000000", "giai-202:3.0614141.32a%2Fb"],
  ["2D74257BF4499602D2000000", "gsrn-96:3.0614141.1234567890"],
  ["2E74257BF4499602D2000000", "gsrnp-96:3.0614141.1234567890"],
  ["2C74257BF46072000000162E", "gdti-96:3.0614141.12345.5678"],
  ["3E74F4E4E7039B061438997367D0C18B266D1AB66EE0", "gdti-174:3.4012345.98765.ABCDefgh012345678"],
  ["3C74257BF400C0E680003039", "cpi-96:3.0614141.98765.12345"],
  ["3D74257BF75411DEF6B4CC00000003039", "cpi-var:3.0614141.5PQ7%2FZ43.12345"],
  ["3F74F4E4E612640000019907", "sgcn-96:3.4012345.67890.04711"],
  ["350007AB70425D4000000586", "gid-96:31415.271828.1414"],
  ["2F320434147455900000162E", "usdod-96:3.CAGEY.5678"],
  ["2FF203253313934FFFFFFFFF", "usdod-96:15.2S194.68719476735"],
  ["3B0E0CF5E76C9047759AD00373DC7602E7200", "adi-var:3.35962.PQ7VZ4.M37GXB92"],
  ["3B0204C8D72C001CC5F1C79CB4D35000", "adi-var:0.SH520..GLW1192445"],
  ["3B157E316390F32CCE78D106310325CD06DD7200", "adi-var:5.W81X9C.3KL984PX1.2WMA-52"],
  ["4014F4E4E40C0E40820000000F54", "itip-110:0.4012345.012345.01.02.981"],
  ["4174F4E4E40C0E4082DBDD8B36600000000000000000000000000000", "itip-212:3.4012345.012345.01.02.mw133"],
])("%s is %s", (hex, body) => {
  const uri = `urn:epc:tag:${body}`;
  expect(decodeEpc(hex).tagUri).toBe(uri);
  expect(encodeEpc(uri)).toBe(hex.padEnd(Math.ceil(hex.length / 4) * 4, "0"));
});

const file = sharedData("epc", "vectors.csv");
type Row = { hex: string; scheme: string; uri: string; digitalLink: string };

const readRows = (file: string): Row[] =>
  readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [hex = "", scheme = "", uri = "", digitalLink = ""] = line.split(",");
      return { hex, scheme, uri, digitalLink };
    });

const rows = file === undefined ? [] : readRows(file);
const inScope = rows.filter(({ scheme }) => schemeNamed(scheme) !== undefined);
const outOfScope = rows.filter(({ scheme }) => schemeNamed(scheme) === undefined);
const left = [...new Set(outOfScope.map(({ scheme }) => scheme))].sort().join(", ");

if (file === undefined) {
  test.skip("the shared vectors are not here: vectors.csv was not found, so none was checked", () => {});
} else {
  test(`${inScope.length} of ${rows.length} shared vectors agree; out of scope: ${outOfScope.length}${left === "" ? "" : ` (${left})`}`, () => {
    for (const { hex, scheme, uri, digitalLink } of inScope) {
      const decoded = decodeEpc(hex);
      expect(decoded).toMatchObject({ scheme, uri, digitalLink: digitalLink === "" ? null : digitalLink });
      const encoded = encodeEpc(decoded.tagUri);
      expect(encoded.padEnd(hex.length, "0")).toBe(hex.toUpperCase().padEnd(encoded.length, "0"));
    }
    // A scheme without the plus signs of TDS 2.x that is missing from the tables would be our gap, not the data's.
    expect(outOfScope.filter(({ scheme }) => !scheme.includes("+"))).toEqual([]);
  });
}
