import { encodeEpc } from "@tagwire/epc";
import type { Item } from "@tagwire/messages";
import { expect, test } from "vitest";
import { itemColumns } from "./export-lists.ts";
import { itemView } from "./item-view.ts";

const tag = encodeEpc("urn:epc:tag:sgtin-96:1.0614141.812345.6789");
const lastScan = { id: "1", type: "touch", scannedAt: "2026-05-04T10:00:00.000Z", place: null, by: {} };
const item = (more: Pick<Item, "lastScan">) => ({ tag, ...more }) as Item;
const exported = (of: Item) =>
  Object.fromEntries(
    itemColumns.flatMap(({ name, of: value }) => (name.startsWith("epc") ? [[name, value(of)]] : [])),
  );

test("a tag that is known to be of ISO is shown and exported as no company's thing, and any other by its EPC", () => {
  const iso = item({ lastScan: { ...lastScan, isIso: true } });
  expect(itemView(iso).epc).toEqual({ scheme: "iso" });
  expect(exported(iso)).toEqual({ epcScheme: "iso", epcUri: null });
  for (const epc of [item({ lastScan: null }), item({ lastScan })]) {
    expect(itemView(epc).epc).toMatchObject({ scheme: "sgtin-96", uri: expect.stringContaining("0614141") });
    expect(exported(epc)).toMatchObject({ epcScheme: "sgtin-96" });
  }
});
