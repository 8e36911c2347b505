import { readFileSync } from "node:fs";
import { sharedData } from "@tagwire/testing";
import { expect, test } from "vitest";
import { decodeEpc, encodeEpc, encodeLink } from "./epc.ts";
import { plusSchemeNamed } from "./plus-scheme.ts";
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
  ["3066C4409047E140075BCD15", "sgtin-96:3.95060001343.05.123456789"],
  ["311BA1B300CE0A6A83000000", "sscc-96:0.952012.03456789123"],
  ["3976451FD46072CD9615F8800000000000000000000000000000", "sgln-195:3.9521141.12345.32a%2Fb"],
  ["3876451FD59B2C2BF10000000000000000000000000000000000", "giai-202:3.9521141.32a%2Fb"],
  ["3500E86F8000A9E000000586", "gid-96:952056.2718.1414"],
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

/**
 * Appendix E.3 of TDS 2.3: what is printed as hex, as element string and as Digital Link agrees, but for four rows whose misprints are
 * published: SGTIN++ and DSGTIN++ have the host id.example.com, SSCC++ and ITIP++ their own header instead of that with one plus sign.
 */
test.each([
  ["sgtin+", 3, "F73795211411234538566CB0AFC4", "id.gs1.org/01/79521141123453/21/32a%2Fb"],
  ["dsgtin+", 3, "FB342CDE795211411234538566CB0AFC4", "id.gs1.org/01/79521141123453/21/32a%2Fb?17=220630"],
  [
    "sgtin++",
    3,
    "FD3795211411234538566CB0AFC525065F1876F0D996D800",
    "id.example.com/01/79521141123453/21/32a%2Fb",
  ],
  ["sgtin++", 3, "FD3795211411234538566CB0AFC5232F8C3B786CCB6C", "example.com/01/79521141123453/21/32a%2Fb"],
  [
    "dsgtin++",
    3,
    "FC342CDE795211411234538566CB0AFC525065F1876F0D996D80",
    "id.example.com/01/79521141123453/21/32a%2Fb?17=220630",
  ],
  ["sscc+", 0, "F90095201234567891235", "id.gs1.org/00/095201234567891235"],
  ["sscc++", 0, "EF009520123456789123592832F8C3B786CCB6C0", "id.example.com/00/095201234567891235"],
  ["sgln+", 3, "F2395211411234548566CB0AFC4", "id.gs1.org/414/9521141123454/254/32a%2Fb"],
  [
    "sgln++",
    3,
    "E9395211411234548566CB0AFC525065F1876F0D996D8000",
    "id.example.com/414/9521141123454/254/32a%2Fb",
  ],
  ["grai+", 3, "F13095211411234548566CB0AFC4", "id.gs1.org/8003/0952114112345432a%2Fb"],
  [
    "grai++",
    3,
    "EB3095211411234548566CB0AFC525065F1876F0D996D800",
    "id.example.com/8003/0952114112345432a%2Fb",
  ],
  ["giai+", 3, "FA3952114132E83C2BF10", "id.gs1.org/8004/952114132a%2Fb"],
  ["giai++", 3, "EE3952114132E83C2BF1494197C61DBC3665B600", "id.example.com/8004/952114132a%2Fb"],
  ["gsrn+", 3, "F43952114112345678906", "id.gs1.org/8018/952114112345678906"],
  ["gsrn++", 3, "E7395211411234567890692832F8C3B786CCB6C0", "id.example.com/8018/952114112345678906"],
  ["gsrnp+", 3, "F53952114112345678906", "id.gs1.org/8017/952114112345678906"],
  ["gsrnp++", 3, "E8395211411234567890692832F8C3B786CCB6C0", "id.example.com/8017/952114112345678906"],
  ["gdti+", 3, "F6395211411234540458B8", "id.gs1.org/253/95211411234545678"],
  ["gdti++", 3, "EA395211411234540458BA4A0CBE30EDE1B32DB0", "id.example.com/253/95211411234545678"],
  ["cpi+", 3, "F0395211415E87A145BAFB4D19A8C0E4", "id.gs1.org/8010/95211415PQ7%2FZ43/8011/12345"],
  [
    "cpi++",
    3,
    "E6395211415E87A145BAFB4D19A8C0E64A0CBE30EDE1B32DB000",
    "id.example.com/8010/95211415PQ7%2FZ43/8011/12345",
  ],
  ["sgcn+", 3, "F839521141678909509338", "id.gs1.org/255/952114167890904711"],
  ["sgcn++", 3, "EC3952114167890950933C94197C61DBC3665B60", "id.example.com/255/952114167890904711"],
  ["itip+", 3, "F3309521141123454010266AE27FDF35", "id.gs1.org/8006/095211411234540102/21/rif981"],
  [
    "itip++",
    3,
    "ED309521141123454010266AE27FDF3592832F8C3B786CCB6C00",
    "id.example.com/8006/095211411234540102/21/rif981",
  ],
])("%s with filter %i: %s is %s", (scheme, filter, hex, link) => {
  const words = hex.padEnd(Math.ceil(hex.length / 4) * 4, "0");
  const decoded = decodeEpc(hex);
  expect(decoded).toMatchObject({ scheme, digitalLink: `https://${link}` });
  expect(decoded.uri).toBe(`https://id.gs1.org/${link.replace(/^[^/]*\//, "").replace(/\?.*/, "")}`);
  expect(decodeEpc(`${words}0000`)).toEqual(decoded);
  expect(encodeEpc(decoded.tagUri)).toBe(words);
  expect(encodeLink(`https://${link}`, { scheme, filter })).toBe(words);
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
const isScheme = (name: string): boolean =>
  schemeNamed(name) !== undefined || plusSchemeNamed(name) !== undefined;
const inScope = rows.filter(({ scheme }) => isScheme(scheme));
const outOfScope = rows.filter(({ scheme }) => !isScheme(scheme));
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
    // A scheme that is missing from the tables would be our gap, not the data's.
    expect(outOfScope).toEqual([]);
  });
}
