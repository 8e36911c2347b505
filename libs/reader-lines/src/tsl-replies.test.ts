import fc from "fast-check";
import { expect, test } from "vitest";
import { type TslTag, TslTags, tslLine } from "./tsl-replies.ts";

const read = (lines: readonly string[]) => {
  const tags = new TslTags();
  const whole: TslTag[] = [];
  const no: string[] = [];
  for (const text of lines) {
    const line = tslLine(text);
    const completed = line === undefined ? undefined : tags.take(line);
    if (completed === undefined) continue;
    if ("no" in completed) no.push(completed.no);
    else whole.push(completed);
  }
  return { whole, no };
};

const epc = "330DE29525C0210005F5F8F2";
const other = "41524E4C3030303030310000";
const tag = (of: string, more: Partial<TslTag> = {}) => ({ epc: of, rssiDbm: null, tid: undefined, ...more });

test("tags stand between the echo and the end", () => {
  expect(read(["CS: .iv", `EP: ${epc}`, `EP: ${other}`, "OK:"]).whole).toEqual([tag(epc), tag(other)]);
});

test("strength, PC and TID belong to the EPC before them, index and time to the one behind", () => {
  const lines = [
    "CS: .iv",
    "IX: 0000",
    "DT: 2026-03-02T09:00:00",
    `EP: ${epc.toLowerCase()}`,
    "PC: 3100",
    "RI: -61",
    "TD: E2801160600002076A8B0A1C",
    "IX: 0001",
    `EP: ${other}`,
    "PC: 3000",
    "RI: nonsense",
    "ER: 005",
  ];
  expect(read(lines).whole).toEqual([
    tag(epc, { rssiDbm: -61, tid: "E2801160600002076A8B0A1C", isIso: true }),
    tag(other),
  ]);
});

test("what is left of a tag whose beginning was lost is not taken for the one before it", () => {
  const tid = (last: string) => `E2801160600002076A8B0A${last}`;
  const ours = [`EP: ${epc}`, "RI: -61", `TD: ${tid("01")}`];
  const whole = [tag(epc, { rssiDbm: -61, tid: tid("01") })];
  expect(read([...ours, "RI: -40", `TD: ${tid("02")}`, "OK:"])).toEqual({ whole, no: [] });
  expect(read([...ours, `TD: ${tid("02")}`, "RI: -40", "OK:"])).toEqual({ whole, no: [] });

  const tags = new TslTags();
  tags.take({ key: "EP", value: epc });
  expect(tags.cut()).toEqual(tag(epc));
  expect(tags.take({ key: "TD", value: tid("02") })).toBeUndefined();
  expect([tags.take({ key: "OK", value: "" }), tags.cut()]).toEqual([undefined, undefined]);
});

test("a barcode is no tag, and a strength without a tag is nobody's", () => {
  expect(read(["CS: .bc", "BC: \u001b[3034257BF7194E4000001A85", "OK:", "RI: -40", "OK:"]).whole).toEqual([]);
});

test.each(["330DE29525C0210005F5F8F", "330D E295", "hello"])("the EPC %j is named", (wrong) => {
  expect(read([`EP: ${wrong}`, "OK:"])).toEqual({
    whole: [],
    no: ["an EPC that is no hex of whole words"],
  });
});

test("any lines at all are read or let pass, and no tag is made of nothing", () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc
      .tuple(fc.constantFrom("EP", "RI", "IX", "OK", "CS", "TD"), fc.string({ maxLength: 30 }))
      .map(([key, value]) => `${key}: ${value}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const { whole, no } = read(lines);
      const epcs = lines.filter((text) => text.startsWith("EP:")).length;
      expect(whole.length + no.length).toBeLessThanOrEqual(epcs);
    }),
  );
});
