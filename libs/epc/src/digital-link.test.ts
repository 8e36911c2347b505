import { expect, test } from "vitest";
import { checkDigit } from "./check-digit.ts";
import { linkText, readLink } from "./digital-link.ts";
import { decodeEpc, encodeEpc, encodeLink } from "./epc.ts";

test.each([
  ["8061414112345", "8"],
  ["061414112345", "2"],
  ["400638133393", "1"],
  ["0000000000000", "0"],
])("the check digit of %s is %s", (digits, expected) => {
  expect(checkDigit(digits)).toBe(expected);
});

const linkOf = (body: string) => decodeEpc(encodeEpc(`urn:epc:tag:${body}`)).digitalLink;

test("a location with extension 0 has no extension", () => {
  expect(linkOf("sgln-96:3.0614141.12345.0")).toBe("https://id.gs1.org/414/0614141123452");
  expect(linkOf("sgln-195:3.0614141.12345.0")).toBe("https://id.gs1.org/414/0614141123452");
  expect(linkOf("sgln-195:3.0614141.12345.00")).toBe("https://id.gs1.org/414/0614141123452/254/00");
});

test("an empty asset type still gets its check digit", () => {
  expect(linkOf("grai-96:3.061414112345..5678")).toBe("https://id.gs1.org/8003/006141411234525678");
});

test("everything but unreserved characters is escaped in the path", () => {
  expect(linkOf("sgtin-198:0.0888446.067142.Hello!;1=1;'..*_*..%2F")).toBe(
    "https://id.gs1.org/01/00888446671424/21/Hello%21%3B1%3D1%3B%27..%2A_%2A..%2F",
  );
  expect(linkOf("cpi-var:3.0614141.5PQ7%2FZ%2343.12345")).toBe(
    "https://id.gs1.org/8010/06141415PQ7%2FZ%2343/8011/12345",
  );
});

test("identities that are not GS1 keys have no link", () => {
  expect(linkOf("gid-96:31415.271828.1414")).toBeNull();
  expect(linkOf("usdod-96:3.CAGEY.5678")).toBeNull();
  expect(linkOf("adi-var:3.35962.PQ7VZ4.M37GXB92")).toBeNull();
});

test.each([
  ["http://example.com/01/79521141123453/21/1#top", "example.com", "79521141123453 1"],
  ["https://EXAMPLE.com:8443/a/b/01/79521141123453/21/1/", "example.com:8443", "79521141123453 1"],
  ["https://id.gs1.org/01/9521141123454/21/1", "id.gs1.org", "09521141123454 1"],
  ["https://id.gs1.org/01/95200002/21/1", "id.gs1.org", "00000095200002 1"],
  ["https://id.gs1.org/414/9521141123454", "id.gs1.org", "9521141123454 0"],
  ["https://id.gs1.org/414/9521141123454/254/0", "id.gs1.org", "9521141123454 0"],
  ["https://id.gs1.org/8004/9521141/21/01/79521141123453/21/a%2F%25", "id.gs1.org", "79521141123453 a/%"],
])("%s is read", (text, host, values) => {
  const link = readLink(text);
  expect({ host: link.host, values: link.values.join(" ") }).toEqual({ host, values });
});

test("what qualifies the key stands in the path in its order, and the rest behind it", () => {
  const text = "https://id.gs1.org/01/79521141123453/22/2A/10/L%2F7/21/1?17=261231&3103=001750&utm=x";
  const link = readLink(text);
  expect(link.data).toEqual([
    ["22", "2A"],
    ["10", "L/7"],
    ["17", "261231"],
    ["3103", "001750"],
  ]);
  expect(linkText(link)).toBe(text.replace("&utm=x", ""));
});

test("what a tag carries becomes part of its link, as far as it is understood", () => {
  const link = "https://id.gs1.org/01/79521141123453/10/LOT7/21/1?17=261231&3103=001750&99=a%26b";
  const tag = encodeLink(link, { scheme: "sgtin+", filter: 1 });
  const decoded = decodeEpc(tag);
  expect(decoded.digitalLink).toBe(link);
  expect(decoded.uri).toBe("https://id.gs1.org/01/79521141123453/21/1");
  expect(decoded.data).toEqual({ "10": "LOT7", "17": "261231", "3103": "001750", "99": "a&b" });
  expect(decodeEpc(encodeEpc(decoded.tagUri))).toEqual(decoded);
  // (03) is not for tags: it and what follows stays in the bits.
  const start = encodeLink("https://id.gs1.org/00/095201234567891235?17=261231", { scheme: "sscc+" });
  const strange = decodeEpc(`${start.slice(0, -1)}03FF`);
  expect(strange).toMatchObject({
    uri: "https://id.gs1.org/00/095201234567891235",
    data: { "17": "261231" },
  });
  expect(strange.tagUri).toContain("03FF");
});
