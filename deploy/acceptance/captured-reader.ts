import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { FrameSplitter, frameId, frameType } from "@tagwire/llrp";

/** LLRP message numbers (LLRP 1.1 §17) that the player needs by name. */
const reportType = 61;
const eventType = 63;
const enableRoSpecType = 24;
const errorMessageType = 100;
const responseOffset = 10;
const closeConnection = { request: 14, response: 4 };
const answered = new Set([1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 40, 41, 42, 43, 44]);
const negotiation = new Set([46, 47]);
const headerBytes = 10;

const framesOf = (bytes: Buffer): Buffer[] => {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at + 2))
    frames.push(bytes.subarray(at, at + bytes.readUInt32BE(at + 2)));
  return frames;
};

const withId = (frame: Buffer, id: number): Buffer => {
  const copy = Buffer.from(frame);
  copy.writeUInt32BE(id, 6);
  return copy;
};

const frame = (type: number, id: number, body: string): Buffer => {
  const bytes = Buffer.from(body, "hex");
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE((1 << 10) | type, 0);
  header.writeUInt32BE(headerBytes + bytes.length, 2);
  header.writeUInt32BE(id, 6);
  return Buffer.concat([header, bytes]);
};

/** LLRPStatus (parameter 287): M_Success, no text. And M_UnsupportedVersion, as a 1.0.1 reader answers a negotiation. */
const success = "011f000800000000";
const unsupportedVersion = "011f0008006e0000";

/** Where an entry of this reader has its count: behind EPC-96, five ids, strength, channel and two times, each with its type byte. */
const countOffset = 54;
const epc96Type = 0x8d;
const tagSeenCountType = 0x88;

/**
 * The entries of a report (TagReportData, 240), read by hand from the bytes: EPC-96 is the TV parameter 13 at the head of each,
 * TagSeenCount, how often the reader heard the tag since it last said so, the TV parameter 8 further on.
 */
const entriesIn = (report: Buffer): { readonly epc: string; readonly count: number }[] => {
  const entries: { epc: string; count: number }[] = [];
  for (let at = headerBytes; at < report.length; at += report.readUInt16BE(at + 2)) {
    if ((report.readUInt16BE(at) & 0x3ff) !== 240) continue;
    const isAsKnown = report[at + 4] === epc96Type && report[at + countOffset] === tagSeenCountType;
    if (!isAsKnown) throw new Error("an entry of the capture has another layout");
    const epc = report
      .subarray(at + 5, at + 17)
      .toString("hex")
      .toUpperCase();
    entries.push({ epc, count: report.readUInt16BE(at + countOffset + 1) });
  }
  return entries;
};

/**
 * A reader made of a captured session: it answers requests as the captured reader did where it was asked the same, and once its
 * ROSpec is enabled it sends every report and event of the capture, byte for byte and in order.
 */
export const playCapture = async (bytes: Buffer) => {
  const frames = framesOf(bytes);
  const typeOf = (one: Buffer) => one.readUInt16BE(0) & 0x3ff;
  const [greeting, ...rest] = frames.filter((one) => typeOf(one) === eventType || typeOf(one) === reportType);
  const entries = frames.filter((one) => typeOf(one) === reportType).flatMap(entriesIn);
  const capturedAnswer = (type: number) =>
    frames.find(
      (one) =>
        typeOf(one) === type &&
        one.subarray(headerBytes, headerBytes + 6).toString("hex") === success.slice(0, 12),
    );
  let played = false;

  const answer = (socket: Socket, type: number, id: number) => {
    if (negotiation.has(type)) return socket.write(frame(errorMessageType, id, unsupportedVersion));
    if (type === closeConnection.request) return socket.end(frame(closeConnection.response, id, success));
    if (!answered.has(type)) return true;
    const captured = capturedAnswer(type + responseOffset);
    socket.write(captured === undefined ? frame(type + responseOffset, id, success) : withId(captured, id));
    if (type !== enableRoSpecType || played) return true;
    played = true;
    return socket.write(Buffer.concat(rest));
  };

  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (greeting !== undefined) socket.write(greeting);
    const splitter = new FrameSplitter({
      frame: (one) => void answer(socket, frameType(one), frameId(one)),
      malformed: (reason) => socket.destroy(new Error(reason)),
    });
    socket.on("data", (chunk) => splitter.push(chunk));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The tags of the capture's entries, in order. */
    epcs: entries.map(({ epc }) => epc),
    /** How often the captured reader heard a tag: it merged reads before it reported them. */
    reads: entries.reduce((sum, { count }) => sum + count, 0),
    messages: frames.length,
    wasPlayed: () => played,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
};
