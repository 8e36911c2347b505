import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, decodeParameters } from "./decode.ts";
import { encodeMessage, encodeParameters, message } from "./encode.ts";
import { MalformedFrame } from "./fields.ts";
import { messageTable } from "./message-table.ts";
import { findParameter, parameter } from "./parameter.ts";
import { parameterTable } from "./parameter-table.ts";
import { statusOf } from "./status-codes.ts";

const header = { version: 1, id: 9 } as const;
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

test("numbers of messages and parameters are each used once", () => {
  for (const table of [messageTable, parameterTable]) {
    const types = Object.values(table).map((row) => row.type);
    expect(new Set(types).size).toBe(types.length);
  }
});

test("set keepalive of 5 s is encoded as the standard writes it", () => {
  const encoded = encodeMessage(
    message({ version: 1, id: 0x0102 }, "SET_READER_CONFIG", {
      fields: { resetToFactoryDefault: false },
      parameters: [parameter("KeepaliveSpec", { trigger: 1, intervalMs: 5000 })],
    }),
  );
  expect(encoded).toEqual(bytes("04 03 00000014 00000102 00 00DC 0009 01 00001388"));
});

test("a connection event is decoded", () => {
  const decoded = decodeMessage(
    bytes("043F 00000020 00000000 00F6 0016 0080 000C 00039136A2A33B3F 0100 0006 0000"),
  );
  expect(decoded).toEqual({
    name: "READER_EVENT_NOTIFICATION",
    version: 1,
    id: 0,
    fields: {},
    parameters: [
      parameter("ReaderEventNotificationData", {}, [
        parameter("UTCTimestamp", { microseconds: 0x00039136a2a33b3fn }),
        parameter("ConnectionAttemptEvent", { status: 0 }),
      ]),
    ],
  });
});

test("bits share bytes, the first one on top", () => {
  const selector = parameter("TagReportContentSelector", {
    roSpecId: false,
    specIndex: false,
    inventoryParameterSpecId: false,
    antennaId: true,
    channelIndex: false,
    peakRssi: true,
    firstSeen: true,
    lastSeen: true,
    tagSeenCount: false,
    accessSpecId: false,
  });
  expect(encodeParameters([selector])).toEqual(bytes("00EE 0006 1700"));
  expect(decodeParameters(bytes("00EE 0006 1700"))).toEqual([selector]);
});

test("unknown parameters and customs are kept as they came", () => {
  const wire = bytes("03FF 000E 0000651A 00000034 BEEF 0190 0006 ABCD 00DC 0009 01 00001388");
  const decoded = decodeParameters(wire);
  expect(decoded.map((one) => one.name)).toEqual(["Custom", "Unknown", "KeepaliveSpec"]);
  expect(encodeParameters(decoded)).toEqual(wire);
});

test("an unknown TV parameter costs only the rest of its container", () => {
  const wire = bytes("00F0 0008 810001 FF 00DC 0009 01 00001388");
  const decoded = decodeParameters(wire);
  expect(decoded.map((one) => one.name)).toEqual(["TagReportData", "KeepaliveSpec"]);
  expect(decoded[0]?.nested.map((one) => one.name)).toEqual(["AntennaID", "Unknown"]);
  expect(encodeParameters(decoded)).toEqual(wire);
});

test.each([
  { what: "a parameter longer than its message", wire: "00DC 000A 01 00001388" },
  { what: "a parameter shorter than its header", wire: "00DC 0003 01" },
  { what: "a parameter without room for its fields", wire: "00DC 0006 0100" },
  { what: "an array longer than its parameter", wire: "00B7 0008 FFFF 0001" },
  { what: "half a TV parameter", wire: "8D 3000" },
])("$what is malformed", ({ wire }) => {
  expect(() => decodeParameters(bytes(wire))).toThrow(MalformedFrame);
});

test("errors nested without end are malformed, not a stack overflow", () => {
  let wire = Buffer.alloc(0);
  for (let depth = 0; depth < 5000; depth += 1) {
    const length = wire.length + 8;
    wire = Buffer.concat([Buffer.from([0x01, 0x21, length >> 8, length & 255, 0, 177, 0, 201]), wire]);
  }
  expect(() => decodeParameters(wire)).toThrow("nest deeper");
});

test("any bytes decode or are malformed; what decodes survives being encoded", () => {
  fc.assert(
    fc.property(fc.constantFrom(11, 12, 20, 61, 63, 100), fc.uint8Array({ maxLength: 120 }), (type, body) => {
      const frame = Buffer.alloc(10 + body.length);
      frame.writeUInt16BE((1 << 10) | type, 0);
      frame.writeUInt32BE(frame.length, 2);
      frame.set(body, 10);
      try {
        const decoded = decodeMessage(frame);
        expect(decodeMessage(encodeMessage(decoded))).toEqual(decoded);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedFrame);
      }
    }),
    { numRuns: 500 },
  );
});

test("EPCs of any number of bits survive the way there and back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.uint8Array({ minLength: 38, maxLength: 38 }),
      (bitCount, filled) => {
        const epc = { bitCount, bytes: filled.slice(0, Math.ceil(bitCount / 8)) };
        const tag = parameter("TagReportData", {}, [parameter("EPCData", { epc })]);
        const decoded = decodeMessage(
          encodeMessage(message(header, "RO_ACCESS_REPORT", { fields: {}, parameters: [tag] })),
        );
        expect(decoded.parameters).toEqual([tag]);
      },
    ),
  );
});

test("a status says its name, its text and everything nested", () => {
  const status = parameter("LLRPStatus", { code: 100, description: "bad ROSpec" }, [
    parameter("ParameterError", { parameterType: 224, code: 201 }, [
      parameter("FieldError", { fieldNumber: 2, code: 301 }),
    ]),
  ]);
  expect(statusOf([status])).toEqual({
    code: 100,
    text: "M_ParameterError · bad ROSpec · RFTransmitter: P_FieldError · field 2: A_OutOfRange",
  });
  expect(statusOf([])).toEqual({ code: 0, text: "" });
  expect(findParameter([status], "LLRPStatus")?.fields.code).toBe(100);
});

test("a value that does not fit its field is refused before it is sent", () => {
  expect(() => encodeParameters([parameter("KeepaliveSpec", { trigger: 1, intervalMs: 2 ** 32 })])).toThrow(
    RangeError,
  );
  expect(() => encodeParameters([parameter("EPC96", { epc: new Uint8Array(11) })])).toThrow(RangeError);
});
