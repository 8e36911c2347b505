import { basename } from "node:path";
import {
  FrameSplitter,
  frameType,
  headerLength,
  messageTable,
  type TagEntry,
  TagReportReader,
} from "@tagwire/llrp";
import { Fault, type RecordedLine, type RecordedRead } from "@tagwire/messages";
import type { Recording } from "./recording-file.ts";

/** Between two reports whose tags tell no time, in ms. */
const untimedStepMs = 100;
/** The reader may have been silent for hours, or its clock put right; nobody wants to wait for that. */
const silenceMsMax = 60_000;
const version1 = 1 << 10;
const reportType = messageTable.RO_ACCESS_REPORT.type;

const stampOf = (entry: TagEntry): number | undefined =>
  entry.lastSeenUtcMs ?? entry.firstSeenUtcMs ?? entry.lastSeenUptimeMs ?? entry.firstSeenUptimeMs;

type Stamped = { readonly read: Omit<RecordedRead, "heardMs">; readonly stampMs: number | undefined };

/** A captured message body is a report where its file says so, and gets the header that every message has. */
const withHeader = (body: Buffer): Buffer => {
  const header = Buffer.alloc(headerLength);
  header.writeUInt16BE(version1 | reportType, 0);
  header.writeUInt32BE(headerLength + body.length, 2);
  return Buffer.concat([header, body]);
};

/** Whether a file is a body of another message than a report: nothing in it was read of a tag. */
export const isOtherBody = (path: string): boolean =>
  path.endsWith(".bytes") && !basename(path).startsWith("ROAccessReport");

/**
 * Reads a capture of what an LLRP reader sent: whole frames one after the other, or one body of a report without its header. It has no
 * times of its own, so reports come as the tags in them were stamped: by how much the newest stamp has risen.
 *
 * @throws Fault `recording.unreadable` when anything in it is not LLRP.
 */
export const parseCapture = (path: string, bytes: Buffer): Recording => {
  const lines: RecordedLine[] = [];
  const reader = new TagReportReader();
  let atMs = 0;
  let newestMs: number | undefined;
  const refuse = (why: string): never => {
    throw new Fault("recording.unreadable", `${path} is no LLRP: ${why}`);
  };

  const report = (frame: Buffer): void => {
    const heard: Stamped[] = [];
    reader.read(frame, {
      tag: (entry) => {
        const { epc, antenna = 0, peakRssiDbm: rssiDbm = null, seenCount = 1 } = entry;
        heard.push({
          read: { epc, antenna, rssiDbm, count: Math.max(1, seenCount) },
          stampMs: stampOf(entry),
        });
      },
      malformed: refuse,
    });
    const stamps = heard.flatMap(({ stampMs }) => stampMs ?? []);
    const newest = stamps.reduce<number | undefined>((most, ms) => Math.max(most ?? ms, ms), undefined);
    const step = newest === undefined || newestMs === undefined ? untimedStepMs : newest - newestMs;
    atMs += Math.min(Math.max(step, 0), silenceMsMax);
    newestMs = newest ?? newestMs;
    const at = atMs;
    lines.push({
      atMs: at,
      reads: heard.map(({ read, stampMs }) => ({
        ...read,
        heardMs: at - ((newest ?? 0) - (stampMs ?? newest ?? 0)),
      })),
    });
  };

  const splitter = new FrameSplitter({
    frame: (frame) => {
      if (frameType(frame) === reportType) report(frame);
      else lines.push({ atMs, reads: [] });
    },
    malformed: (reason, _bytes, skipped) => refuse(`${reason} (${skipped} bytes)`),
  });
  splitter.push(path.endsWith(".bytes") ? withHeader(bytes) : bytes);
  splitter.end();
  return { path, lines, tornBytes: 0 };
};
