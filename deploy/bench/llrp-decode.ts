import { encodeMessage, FrameSplitter, message, parameter, TagReportReader } from "@tagwire/llrp";
import { figureOf, type Row } from "./figure.ts";
import type { Setting } from "./setting.ts";
import { tagOf } from "./stock.ts";

const readsPerSecondMin = 300_000;
const chunkBytes = 64 * 1024;
const epcOffset = 15;
const pieceReadsMax = 200_000;

/** One report of one tag, as a fixed reader sends it when it is asked for everything. */
const reportOf = (index: number): Buffer =>
  encodeMessage(
    message({ version: 1, id: index }, "RO_ACCESS_REPORT", {
      fields: {},
      parameters: [
        parameter("TagReportData", {}, [
          parameter("EPC96", { epc: Uint8Array.from(Buffer.from(tagOf(index), "hex")) }),
          parameter("ROSpecID", { roSpecId: 1 }),
          parameter("SpecIndex", { specIndex: 1 }),
          parameter("InventoryParameterSpecID", { inventoryParameterSpecId: 1 }),
          parameter("AntennaID", { antennaId: 1 + (index % 4) }),
          parameter("PeakRSSI", { dbm: -40 - (index % 30) }),
          parameter("ChannelIndex", { channelIndex: 1 + (index % 50) }),
          parameter("FirstSeenTimestampUTC", { microseconds: 1_700_000_000_000_000n + BigInt(index) * 400n }),
          parameter("LastSeenTimestampUTC", { microseconds: 1_700_000_000_000_000n + BigInt(index) * 400n }),
          parameter("TagSeenCount", { tagCount: 1 }),
        ]),
      ],
    }),
  );

/** A long stream of reports, cut without regard to where they end, as TCP does. */
const streamOf = (reads: number): { chunks: Buffer[]; messageBytes: number } => {
  const template = reportOf(0);
  const bytes = Buffer.alloc(template.length * reads);
  for (let index = 0; index < reads; index += 1) {
    const at = index * template.length;
    template.copy(bytes, at);
    bytes.writeUInt32BE(index, at + 6);
    bytes.writeUInt32BE(index, at + epcOffset + 8);
  }
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  return { chunks, messageBytes: template.length };
};

/** The sum of all 16-bit words: nobody can read less of a stream and have seen it. */
const readWords = (chunks: readonly Buffer[]): number => {
  let sum = 0;
  for (const chunk of chunks) for (let at = 0; at + 1 < chunk.length; at += 2) sum += chunk.readUInt16BE(at);
  return sum;
};

const decode = (chunks: readonly Buffer[], reads: number): void => {
  let count = 0;
  const refuse = (reason: string) => {
    throw new Error(reason);
  };
  const reader = new TagReportReader();
  const host = {
    tag: ({ epc }: { epc: string }) => {
      if (epc.length === 24) count += 1;
    },
    malformed: refuse,
  };
  const splitter = new FrameSplitter({ frame: (frame) => reader.read(frame, host), malformed: refuse });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  if (count !== reads) throw new Error(`${count} of ${reads} tags were read`);
};

/** What it takes to decode so many reads and do nothing with them, in ms. Few are decoded once, many by the piece. */
export const llrpDecodeMs = (reads: number): number => {
  const piece = Math.min(reads, pieceReadsMax);
  const { chunks } = streamOf(piece);
  decode(chunks, piece);
  const startedAt = performance.now();
  decode(chunks, piece);
  return ((performance.now() - startedAt) * reads) / piece;
};

/** From bytes of a reader to tags, on one core: what splits frames and reads reports in the reader-gateway. */
export const measureLlrpDecode = async ({ sizes }: Setting): Promise<Row[]> => {
  const reads = sizes.llrpReads;
  const { chunks, messageBytes } = streamOf(reads);
  const perSecond = (work: () => void): number => {
    const startedAt = performance.now();
    work();
    return reads / ((performance.now() - startedAt) / 1_000);
  };
  const floor: number[] = [];
  const product: number[] = [];
  let words = readWords(chunks);
  decode(chunks, reads);
  for (let round = 0; round < sizes.rounds; round += 1) {
    floor.push(
      perSecond(() => {
        words += readWords(chunks);
      }),
    );
    product.push(perSecond(() => decode(chunks, reads)));
  }
  if (words === 0) throw new Error("the stream was empty");
  const figures = { floor: figureOf(floor), product: figureOf(product) };
  return [
    {
      measurement: "llrp",
      what: "LLRP decode, one core",
      unit: "reads/s",
      ...figures,
      target: {
        text: `≥ ${readsPerSecondMin} reads/s`,
        isMet: figures.product.median >= readsPerSecondMin,
      },
      note: `messages of ${messageBytes} bytes in chunks of ${chunkBytes}`,
    },
  ];
};
