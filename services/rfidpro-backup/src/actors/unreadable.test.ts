import { expect, test } from "vitest";
import { normaliseItem } from "./normalise-item.ts";
import { normaliseTransaction } from "./normalise-transaction.ts";
import { type ComparedField, unreadableOf } from "./unreadable.ts";

const how = { timeZone: "America/Chicago", occurrence: 1 };
const item = {
  ...{ tag_id: "303400000000000000000001", rental_class_num: "61708", common_name: "Chair", quality: "A" },
  ...{ bin_location: "NR4x1", status: "Ready to Rent", last_contract_num: "", notes: "" },
  date_last_scanned: "2025-05-01 10:00:00",
};
const scan = {
  ...{ tag_id: "303400000000000000000001", scan_type: "Rental", contract_number: "20001", scan_by: "ann" },
  ...{ rental_class_id: "61708", status: "On Rent", bin_location: "", quality: "" },
  ...{ scan_date: "2025-05-01 10:00:00", date_created: "2025-05-01 15:01:00" },
};
const junk = [{ a: 1 }, ["A"], "x".repeat(500), "E280117000000212AB3456", "\u0007"];
const nothing = ["", "  ", "null", "NA", null];

const itemFields = {
  ...{ status: "status", quality: "quality", bin_location: "place", rental_class_num: "class" },
  ...{ last_contract_num: "contract", date_last_scanned: "lastScannedAt" },
} as const satisfies Record<string, ComparedField>;
const scanFields = {
  ...{ status: "status", scan_type: "type", contract_number: "contract", scan_date: "scannedAt" },
} as const satisfies Record<string, ComparedField>;
/** What a field came to, where a text that nobody knows may be a place, a class or a contract. */
const readOf = (row: object, name: ComparedField): unknown =>
  Object.entries(row).find(([member]) =>
    [name, `${name}Ms`, name === "class" ? "rentalClass" : ""].includes(member),
  )?.[1];

const itemCases = Object.entries(itemFields).flatMap((one) => junk.map((given) => [...one, given] as const));
test.each(itemCases)(
  "an item's %s: what cannot be read of it is unreadable, and not nothing (%s, %j)",
  (field, name, given) => {
    const row = normaliseItem({ ...item, [field]: given }, how);
    expect(unreadableOf(row)).toEqual(readOf(row, name) === null ? [name] : []);
  },
);

const scanCases = Object.entries(scanFields).flatMap((one) => junk.map((given) => [...one, given] as const));
test.each(scanCases)("a scan's %s: the same (%s, %j)", (field, name, given) => {
  const row = normaliseTransaction({ ...scan, [field]: given }, how);
  expect(unreadableOf(row)).toEqual(readOf(row, name) === null ? [name] : []);
});

test.each(nothing)("%j is nothing, and nothing that cannot be read", (given) => {
  for (const field of Object.keys(itemFields).filter((one) => one !== "date_last_scanned"))
    expect(unreadableOf(normaliseItem({ ...item, [field]: given }, how))).toEqual([]);
});
