import { describe, expect, test } from "vitest";
import { normaliseClass } from "./normalise-class.ts";
import { normaliseItem } from "./normalise-item.ts";
import { normaliseTransaction } from "./normalise-transaction.ts";
import type { RawRow } from "./rows.ts";

const how = { timeZone: "America/Chicago", occurrence: 1 };
const epc = "303400000000000000000001";
const item = (change: RawRow = {}) =>
  normaliseItem(
    {
      ...{
        tag_id: epc,
        serial_number: "",
        rental_class_num: "64815",
        common_name: "Round 90",
        quality: "A-",
      },
      ...{ bin_location: "NR4x1", status: "Ready to Rent", last_contract_num: "", last_scanned_by: "user1" },
      ...{ notes: "", date_last_scanned: "2025-07-01 09:30:00" },
      ...change,
    },
    how,
  );
const transaction = (change: RawRow = {}) =>
  normaliseTransaction(
    {
      ...{ tag_id: epc, scan_type: "Rental", contract_number: "20001", rental_class_id: "64815" },
      ...{ common_name: "Round 90", status: "On Rent", quality: "", bin_location: "pack", scan_by: "user1" },
      ...{ scan_date: "2025-07-01 09:30:00", date_created: "2025-07-01 14:32:00" },
      ...change,
    },
    how,
  );
const codes = ({ oddities }: { oddities: readonly { code: string }[] }) => oddities.map(({ code }) => code);

test("a row without anything odd is read whole", () => {
  expect(item()).toMatchObject({
    ...{ tag: epc, serial: null, rentalClass: "64815", name: "Round 90", quality: "A-", place: "NR4x1" },
    ...{ role: null, status: "ready", contract: null, scannedBy: "user1", notes: null, oddities: [] },
    lastScannedAtMs: Date.UTC(2025, 6, 1, 14, 30),
  });
  expect(transaction()).toMatchObject({
    ...{ tag: epc, type: "rental", contract: "20001", rentalClass: "64815", status: "on_rent", place: null },
    ...{ role: "pack", scannedAtMs: Date.UTC(2025, 6, 1, 14, 30), createdAtMs: Date.UTC(2025, 6, 1, 14, 32) },
    ...{ condition: {}, other: null, repairPlace: null, serial: null, oddities: [] },
  });
  expect(transaction({ location_of_repair: " Shop 2 ", serial_number: "SN1" })).toMatchObject({
    ...{ repairPlace: "Shop 2", serial: "SN1" },
  });
  expect(
    normaliseClass({ rental_class_id: "12345.0", common_name: " Tent ", bin_location: "resale" }, how),
  ).toMatchObject({ rentalClass: "12345", name: "Tent", bin: "resale" });
});

describe("times", () => {
  test.each([
    { given: "0000-00-00 00:00:00", code: "no_date" },
    { given: epc, code: "date_is_tag" },
    { given: "E28011700000020F", code: "date_is_hex" },
    { given: "2025-02-30 10:00:00", code: "date_unreadable" },
    { given: "yesterday", code: "date_unreadable" },
    { given: "1970-01-01 00:00:00", code: "date_unreadable" },
    { given: 20_250_701, code: "date_unreadable" },
    { given: { at: 1 }, code: "date_unreadable" },
  ])("$given is no time: $code", ({ given, code }) => {
    const row = transaction({ scan_date: given });
    expect(row.scannedAtMs).toBeNull();
    expect(codes(row)).toEqual([code]);
  });

  test.each([
    ["", null],
    [null, null],
    [undefined, null],
  ])("%j says nothing, and is not odd", (given, time) => {
    const row = item({ date_last_scanned: given });
    expect(row.lastScannedAtMs).toBe(time);
    expect(codes(row)).toEqual([]);
  });

  test("winter and summer have different offsets", () => {
    expect(item({ date_last_scanned: "2025-01-15 12:00:00" }).lastScannedAtMs).toBe(
      Date.UTC(2025, 0, 15, 18),
    );
    expect(item({ date_last_scanned: "2025-07-15 12:00:00" }).lastScannedAtMs).toBe(
      Date.UTC(2025, 6, 15, 17),
    );
  });

  test("an hour that does not happen is read by the clock that was not put forward yet", () => {
    const row = item({ date_last_scanned: "2025-03-09 02:30:00" });
    expect(row.lastScannedAtMs).toBe(Date.UTC(2025, 2, 9, 8, 30));
    expect(codes(row)).toEqual(["time_skipped"]);
    expect(codes(item({ date_last_scanned: "2025-03-09 03:00:00" }))).toEqual([]);
    expect(codes(item({ date_last_scanned: "2025-03-09 01:59:59" }))).toEqual([]);
  });

  test("of an hour that happens twice the first is taken", () => {
    const row = item({ date_last_scanned: "2025-11-02 01:30:00" });
    expect(row.lastScannedAtMs).toBe(Date.UTC(2025, 10, 2, 6, 30));
    expect(codes(row)).toEqual(["time_twice"]);
    expect(codes(item({ date_last_scanned: "2025-11-02 02:00:00" }))).toEqual([]);
  });

  test("the server's time is UTC, also in the hours of the device that do not happen", () => {
    const row = transaction({ date_created: "2025-03-09 02:30:00", scan_date: "" });
    expect(row.createdAtMs).toBe(Date.UTC(2025, 2, 9, 2, 30));
    expect(codes(row)).toEqual([]);
  });

  test("a scan from after its upload has a clock that is ahead", () => {
    expect(codes(transaction({ scan_date: "2025-07-01 10:30:00" }))).toEqual(["scanned_after_created"]);
    expect(codes(transaction({ scan_date: "2025-07-01 09:33:00" }))).toEqual([]);
  });
});

describe("tags", () => {
  test.each([
    { given: ` ${epc}`, tag: epc, odd: ["tag_spaced"] },
    { given: `${epc}l`, tag: epc, odd: ["tag_trailing_l"] },
    { given: epc.toLowerCase(), tag: epc, odd: [] },
    { given: "303400000000000000000001".slice(0, 22), tag: epc.slice(0, 22), odd: ["tag_length"] },
    { given: "123456789A0123456789012345678901", tag: "123456789A0123456789012345678901", odd: [] },
    { given: 123_456_789_012, tag: "123456789012", odd: [] },
    { given: 1e23, tag: null, odd: ["tag_malformed"] },
    { given: "", tag: null, odd: ["tag_malformed"] },
    { given: null, tag: null, odd: ["tag_malformed"] },
    { given: ["x"], tag: null, odd: ["tag_malformed"] },
    { given: "a\u0000b", tag: null, odd: ["tag_malformed"] },
    { given: "chair-12", tag: "chair-12", odd: [] },
  ])("$given", ({ given, tag, odd }) => {
    const row = item({ tag_id: given });
    expect(row.tag).toBe(tag);
    expect(codes(row)).toEqual(odd);
  });
});

describe("statuses", () => {
  test.each([
    { given: "Needs to be Inspected", status: "inspect", odd: [] },
    { given: " on  RENT ", status: "on_rent", odd: [] },
    { given: "Lost", status: "missing", odd: [] },
    { given: "E28011700000020F12345678", status: null, odd: ["epc_in_status"] },
    { given: "Gone fishing", status: null, odd: ["status_unknown"] },
    { given: "constructor", status: null, odd: ["status_unknown"] },
    { given: "", status: null, odd: ["status_blank"] },
    { given: "null", status: null, odd: ["null_as_text", "status_blank"] },
    { given: {}, status: null, odd: ["not_text", "status_blank"] },
  ])("$given", ({ given, status, odd }) => {
    const row = item({ status: given });
    expect(row.status).toBe(status);
    expect(codes(row)).toEqual(odd);
  });
});

describe("bins", () => {
  test.each([
    { given: "Resale", place: null, role: "resale", odd: [] },
    { given: "burst", place: null, role: "burst", odd: [] },
    { given: " NR4x1 ", place: "NR4x1", role: null, odd: [] },
    { given: "tent room", place: "tent room", role: null, odd: [] },
    { given: "null", place: null, role: null, odd: ["null_as_text"] },
    { given: "NA", place: null, role: null, odd: ["null_as_text"] },
    { given: "", place: null, role: null, odd: [] },
    { given: "x".repeat(65), place: null, role: null, odd: ["place_too_long"] },
  ])("$given", ({ given, place, role, odd }) => {
    const row = item({ bin_location: given });
    expect(row).toMatchObject({ place, role });
    expect(codes(row)).toEqual(odd);
  });
});

describe("flags", () => {
  test("text in any case, truth values, and what was not looked at", () => {
    const row = transaction({
      ...{ dirty_or_mud: "True", leaves: "FALSE", oil: true, stain: "", oxidation: null, rip_or_tear: "0" },
      ...{ sewing_repair_needed: "null", wet: "true" },
    });
    expect(row.condition).toEqual({ dirty: true, leaves: false, oil: true, rip: false, wet: true });
    expect(codes(row)).toEqual([]);
  });

  test.each([
    { given: { mud: "true" }, mold: true, odd: [] },
    { given: { mold: "false" }, mold: false, odd: [] },
    { given: { mud: "true", mold: "true" }, mold: true, odd: [] },
    { given: { mud: "false", mold: "true" }, mold: true, odd: ["flags_disagree"] },
    { given: { mud: "", mold: "false" }, mold: false, odd: [] },
  ])("mud is what others call mold: $given", ({ given, mold, odd }) => {
    const row = transaction(given);
    expect(row.condition).toEqual({ mold });
    expect(codes(row)).toEqual(odd);
  });

  test("what is neither is said and not guessed", () => {
    const row = transaction({ oil: "maybe", wet: { yes: 1 } });
    expect(row.condition).toEqual({});
    expect(codes(row)).toEqual(["flag_unreadable", "flag_unreadable"]);
  });
});

describe("numbers and words", () => {
  test.each([
    { given: "20001%", contract: "20001%", odd: ["contract_odd"] },
    { given: "Test", contract: "Test", odd: ["contract_odd"] },
    { given: "L123", contract: "L123", odd: [] },
    { given: "M-1712345678", contract: "M-1712345678", odd: [] },
    { given: 20_001, contract: "20001", odd: [] },
    { given: "NA", contract: null, odd: ["null_as_text"] },
  ])("contract $given", ({ given, contract, odd }) => {
    const row = transaction({ contract_number: given });
    expect(row.contract).toBe(contract);
    expect(codes(row)).toEqual(odd);
  });

  test("a class is the same by both of its names", () => {
    const { rental_class_num: _, ...rest } = { rental_class_num: "1", tag_id: epc, rental_class_id: "64815" };
    expect(normaliseItem(rest, how).rentalClass).toBe("64815");
    expect(item({ rental_class_num: "64815.0" })).toMatchObject({ rentalClass: "64815" });
    expect(item({ rental_class_num: 64_815 })).toMatchObject({ rentalClass: "64815" });
  });

  test.each([
    ["Touch Scan", "touch"],
    ["return", "return"],
    ["Audit", null],
    ["", null],
  ])("scan type %j", (given, type) => {
    const row = transaction({ scan_type: given });
    expect(row.type).toBe(type);
    expect(codes(row)).toEqual(type === null ? ["scan_type_unknown"] : []);
  });

  test("a text that is too long is cut, and one that cannot be stored is mended; both are said", () => {
    expect(codes(item({ notes: "x".repeat(2_001) }))).toEqual(["too_long"]);
    const row = item({ notes: "a\u0000b\ud800" });
    expect(row.notes).toBe("a\ufffdb\ufffd");
    expect(codes(row)).toEqual(["not_storable"]);
  });
});
