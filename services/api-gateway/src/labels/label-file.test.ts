import type { Item, RentalClass } from "@tagwire/messages";
import { expect, test } from "vitest";
import { labelFile } from "./label-file.ts";

const item = (tag: string, more: Partial<Item> = {}): Item => ({
  ...{ tag, class: "chair", name: null, status: "provisioned", quality: null, place: null, contract: null },
  ...{ notes: null, version: 1, pos: 1, lastFactAt: null, lastScan: null },
  ...more,
});
const chair: RentalClass = {
  ...{
    class: "chair",
    name: "Folding chair",
    shortName: "FC ^XZ ~JA",
    category: "Seats",
    subcategory: "=Chairs",
  },
  ...{ crew: null, place: "NR4x1", version: 1, pos: 1 },
};

test("a CSV has the columns of the trade, and no text that a program would run", () => {
  const { text, mediaType } = labelFile("csv", [{ item: item("425445AB"), rentalClass: chair }]);
  expect(mediaType).toContain("text/csv");
  expect(text.split("\r\n")).toEqual([
    "tag_id,common_name,subcategory,short_common_name,status,bin_location",
    "425445AB,Folding chair,'=Chairs,FC ^XZ ~JA,provisioned,NR4x1",
    "",
  ]);
});

test("ZPL writes the chip where the tag fits into it, and nothing on a label can be a command", () => {
  const { text } = labelFile("zpl", [
    { item: item("3034257BF7194E4000001A85"), rentalClass: chair },
    { item: item("sticker~7"), rentalClass: undefined },
  ]);
  const [first = "", second = ""] = text.split("^XZ\n");
  expect(first).toContain("^RFW,H,,,A^FD3034257BF7194E4000001A85^FS");
  expect(first).toContain("^FDFC _5EXZ _7EJA^FS");
  expect(first).toContain("urn:epc:id:sgtin:0614141.812345.6789");
  expect(second).not.toContain("^RFW");
  expect(second).toContain("^FDQA,sticker_7E7^FS");
  expect(text.match(/\^XZ/g)).toHaveLength(2);
});

test("a code of more than 96 bits is written as long as it is", () => {
  const tag = "F7".padEnd(32, "0");
  const { text } = labelFile("zpl", [{ item: item(tag), rentalClass: chair }]);
  expect(text).toContain(`^RFW,H,,,A^FD${tag}^FS`);
});

test("a label names no company for a tag of ISO, whose content begins as somebody's EPC does", () => {
  const tag = "3034257BF7194E4000001A85";
  const lastScan: NonNullable<Item["lastScan"]> = {
    ...{ id: "1", type: "touch", scannedAt: "2026-05-04T10:00:00.000Z", place: null, by: {} },
  };
  const textOf = (isIso: boolean) =>
    labelFile("zpl", [
      { item: item(tag, { lastScan: isIso ? { ...lastScan, isIso } : lastScan }), rentalClass: chair },
    ]).text;
  expect(textOf(false)).toContain("urn:epc:id:sgtin");
  expect(textOf(true)).not.toContain("urn:epc");
  expect(textOf(true)).toContain(`^A0N,24,24^FH^FD${tag}^FS`);
});
