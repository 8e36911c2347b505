import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage } from "./decode.ts";
import { encodeMessage, message } from "./encode.ts";
import { parameter } from "./parameter.ts";
import { reportPieces } from "./report-pieces.ts";
import { TagReportReader } from "./tag-report.ts";

const reportOf = (tags: number): Buffer =>
  encodeMessage(
    message({ version: 1, id: 7 }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: Array.from({ length: tags }, (_, index) =>
        parameter("TagReportData", {}, [
          parameter("EPC96", { epc: Uint8Array.from([...Array(10).fill(0x30), index >> 8, index & 255]) }),
          // Told once in a while: what is left out equals what was told last, in the piece before as well.
          ...(index % 5 === 0 ? [parameter("AntennaID", { antennaId: 1 + (index % 3) })] : []),
        ]),
      ),
    }),
  );

/** What a reader of reports makes of these frames, one after the other. */
const heard = (frames: readonly Buffer[]): string[] => {
  const reader = new TagReportReader();
  const told: string[] = [];
  for (const frame of frames)
    reader.read(frame, {
      tag: ({ epc, antenna }) => void told.push(`${epc}/${antenna}`),
      malformed: (reason) => void told.push(reason),
    });
  return told;
};

test("pieces say what the whole says, whatever it is, and each is a frame", () => {
  const garbage = fc.uint8Array({ maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(60), fc.integer({ min: 1, max: 20 }), garbage, (tags, entriesMax, tail) => {
      const report = reportOf(tags);
      const whole = Buffer.concat([report, tail]);
      whole.writeUInt32BE(whole.length, 2);
      expect(heard(reportPieces(whole, entriesMax))).toEqual(heard([whole]));
      for (const piece of reportPieces(report, entriesMax)) {
        const { id, parameters } = decodeMessage(piece);
        expect(id).toBe(7);
        expect(parameters.length).toBeLessThanOrEqual(entriesMax);
      }
    }),
  );
});

test("a short report is given as it is", () => {
  const report = reportOf(10);
  expect(reportPieces(report, 10)).toEqual([report]);
  expect(reportPieces(report, 9)).toHaveLength(2);
});
