import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeMessage, message } from "./encode.ts";
import { type Parameter, parameter } from "./parameter.ts";
import { parameterTable } from "./parameter-table.ts";
import { type TagEntry, TagReportReader } from "./tag-report.ts";

const report = (...entries: (readonly Parameter[])[]): Buffer =>
  encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: entries.map((entry) => parameter("TagReportData", {}, entry)),
    }),
  );

const read = (reader: TagReportReader, frame: Buffer) => {
  const tags: TagEntry[] = [];
  const malformed: string[] = [];
  reader.read(frame, {
    tag: (entry) => tags.push({ ...entry }),
    malformed: (reason) => malformed.push(reason),
  });
  return { tags, malformed };
};

const epc96 = (last: number): Parameter =>
  parameter("EPC96", { epc: Uint8Array.from([0x30, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, last]) });
const antenna = (antennaId: number): Parameter => parameter("AntennaID", { antennaId });

test("the report in a published capture is read", () => {
  const frame = Buffer.from(
    "043d000000430000000000f000398d306edd870775c77926b231a989000000018e00008a0000" +
      "81000186008700008200" +
      "04577c585e9f40840004577c585e9f40880001",
    "hex",
  );
  expect(read(new TagReportReader(), frame)).toEqual({
    malformed: [],
    tags: [
      {
        epc: "306EDD870775C77926B231A9",
        antenna: 1,
        peakRssiDbm: 0,
        seenCount: 1,
        firstSeenUtcMs: 0x0004577c585e9f40 / 1000,
        lastSeenUtcMs: 0x0004577c585e9f40 / 1000,
        firstSeenUptimeMs: undefined,
        lastSeenUptimeMs: undefined,
      },
    ],
  });
});

test("the PC is of its own entry alone", () => {
  const pc = (pcBits: number) => parameter("C1G2PC", { pcBits });
  const { tags } = read(
    new TagReportReader(),
    report([epc96(1), pc(0x3100)], [epc96(2)], [epc96(3), pc(0x3000)]),
  );
  expect(tags.map((tag) => tag.pc)).toEqual([0x3100, undefined, 0x3000]);
});

test("an absent parameter equals the last one of its type on this connection", () => {
  const reader = new TagReportReader();
  const first = report([epc96(1), antenna(3), parameter("PeakRSSI", { dbm: -61 })], [epc96(2)]);
  const second = report([epc96(3), parameter("PeakRSSI", { dbm: -40 })], [antenna(2), epc96(4)]);
  const heard = [...read(reader, first).tags, ...read(reader, second).tags];
  expect(heard.map(({ antenna, peakRssiDbm }) => [antenna, peakRssiDbm])).toEqual([
    [3, -61],
    [3, -61],
    [3, -40],
    [2, -40],
  ]);
  expect(read(new TagReportReader(), report([epc96(5)])).tags[0]?.antenna).toBeUndefined();
});

test.each([
  { bitCount: 0, bytes: [], epc: "" },
  { bitCount: 1, bytes: [0xff], epc: "8" },
  { bitCount: 3, bytes: [0xb7], epc: "A" },
  { bitCount: 4, bytes: [0xa7], epc: "A" },
  { bitCount: 7, bytes: [0xab], epc: "AA" },
  { bitCount: 13, bytes: [0x12, 0x3f], epc: "1238" },
  {
    bitCount: 128,
    bytes: Array.from({ length: 16 }, (_, index) => index * 17),
    epc: "00112233445566778899AABBCCDDEEFF",
  },
])("an EPC of $bitCount bits is $epc", ({ bitCount, bytes, epc }) => {
  const entry = [parameter("EPCData", { epc: { bitCount, bytes: Uint8Array.from(bytes) } })];
  expect(read(new TagReportReader(), report(entry)).tags.map((tag) => tag.epc)).toEqual([epc]);
});

test("customs, results and unknown parameters are stepped over wherever they stand", () => {
  const custom = parameter("Custom", { vendor: 25882, subtype: 57, data: Uint8Array.of(0xe8, 0x90) });
  const unknown: Parameter = {
    name: "Unknown",
    fields: { bytes: Uint8Array.of(1, 0x90, 0, 5, 9) },
    nested: [],
  };
  const result = parameter("C1G2ReadOpSpecResult", { result: 0, opSpecId: 1, words: [1, 2] });
  const heard = read(new TagReportReader(), report([custom, antenna(4), unknown, epc96(9), result]));
  expect(heard.malformed).toEqual([]);
  expect(heard.tags).toMatchObject([{ epc: "300102030405060708090A09", antenna: 4 }]);
});

test("what a report carries besides tags is stepped over, and the tags around it are read", () => {
  const custom = parameter("Custom", { vendor: 25882, subtype: 9999, data: Uint8Array.of(1, 2) });
  const unknown: Parameter = {
    name: "Unknown",
    fields: { bytes: Uint8Array.of(1, 0x90, 0, 5, 9) },
    nested: [],
  };
  const entry = (last: number) => parameter("TagReportData", {}, [epc96(last)]);
  const frame = encodeMessage(
    message({ version: 1, id: 1 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: [custom, entry(1), unknown, entry(2), custom],
    }),
  );
  const heard = read(new TagReportReader(), frame);
  expect(heard.malformed).toEqual([]);
  expect(heard.tags.map(({ epc }) => epc.slice(-2))).toEqual(["01", "02"]);
});

test("one bad entry costs only itself", () => {
  const frame = report([epc96(1)], [antenna(1), epc96(2)], [epc96(3)]);
  // The second entry's EPC becomes a TV parameter that would end beyond its entry.
  const at = frame.indexOf(Buffer.from("8d3001", "hex"), 30);
  frame[at + 12] = 0x8d;
  frame[at] = 0x90;
  const heard = read(new TagReportReader(), frame);
  expect(heard.malformed).toHaveLength(1);
  expect(heard.tags.map((tag) => tag.epc.slice(-2))).toEqual(["01", "03"]);
});

test("an EPC longer than its parameter and an entry without EPC are malformed", () => {
  const long = report([parameter("EPCData", { epc: { bitCount: 16, bytes: Uint8Array.of(1, 2) } })]);
  long.writeUInt16BE(1600, long.length - 4);
  expect(read(new TagReportReader(), long)).toMatchObject({
    tags: [],
    malformed: ["an EPC is longer than its parameter"],
  });
  expect(read(new TagReportReader(), report([antenna(1)])).malformed).toEqual([
    "a tag report entry has no EPC",
  ]);
});

test("any bytes are read or malformed, and never past the frame", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), (body) => {
      const frame = Buffer.concat([
        Buffer.from("043d0000000000000001", "hex"),
        Buffer.from([0, 240, 0, body.length + 4]),
        body,
      ]);
      frame.writeUInt32BE(frame.length, 2);
      const heard = read(new TagReportReader(), frame);
      expect(heard.tags.length + heard.malformed.length).toBe(1);
    }),
    { numRuns: 500 },
  );
});

test("TV lengths are those of the parameter table", () => {
  const sizes: Record<string, number> = { u8: 1, s8: 1, u16: 2, u32: 4, u64: 8, bytes12: 12 };
  for (const [name, row] of Object.entries(parameterTable)) {
    if (row.type > 127 || name === "EPC96") continue;
    const length = 1 + Object.values(row.layout).reduce((sum, kind) => sum + (sizes[kind] ?? Number.NaN), 0);
    const tv = Buffer.alloc(length);
    tv[0] = 0x80 | row.type;
    const unknown: Parameter = { name: "Unknown", fields: { bytes: tv }, nested: [] };
    const heard = read(new TagReportReader(), report([unknown, epc96(7)]));
    expect({ name, heard: heard.tags.map((tag) => tag.epc) }).toEqual({
      name,
      heard: ["300102030405060708090A07"],
    });
  }
});
