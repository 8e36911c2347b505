import { expect, test } from "vitest";
import { checkDigit } from "./digital-link.ts";
import { decodeEpc, encodeEpc } from "./epc.ts";

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
