import type { FuzzTarget, OpenStream, Tell } from "@tagwire/testing";
import { decodeMessage } from "./decode.ts";
import { MalformedFrame } from "./fields.ts";
import { FrameSplitter } from "./frame-splitter.ts";
import { frameLengthMax, frameType, headerLength } from "./message.ts";
import { messageTable } from "./message-table.ts";
import { TagReportReader } from "./tag-report.ts";
import { llrpCorpus, llrpPieces } from "./test-fuzz-corpus.ts";

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === "bigint") return `${one}`;
    return one instanceof Uint8Array ? Buffer.from(one).toString("hex") : one;
  });

const open = (tell: Tell): OpenStream => {
  const report = new TagReportReader();
  const splitter = new FrameSplitter({
    frame: (frame) => {
      if (frameType(frame) === messageTable.RO_ACCESS_REPORT.type)
        report.read(frame, {
          tag: (entry) => tell(plain(entry)),
          malformed: (reason, bytes) => tell(`${reason} ${plain(bytes)}`),
        });
      try {
        tell(plain(decodeMessage(frame)));
      } catch (error) {
        if (!(error instanceof MalformedFrame)) throw error;
        tell(error.message);
      }
    },
    malformed: (reason, bytes, skipped) => tell(`${reason}: ${skipped} ${plain(bytes)}`),
  });
  return {
    push: (chunk) => splitter.push(chunk),
    end: () => splitter.end(),
    heldBytes: () => splitter.heldBytes,
  };
};

/** Makes the header say as many bytes as there are. */
const repair = (bytes: Buffer): void => {
  if (bytes.length >= headerLength) bytes.writeUInt32BE(bytes.length, 2);
};

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "llrp",
    corpus: llrpCorpus,
    pieces: llrpPieces,
    repair,
    isNamed: () => false,
    parser: { open, heldBytesMax: frameLengthMax },
  },
  {
    name: "llrp-message",
    corpus: llrpCorpus,
    pieces: llrpPieces,
    isNamed: (error) => error instanceof MalformedFrame,
    parser: { read: (bytes, tell) => tell(plain(decodeMessage(bytes))) },
  },
];
