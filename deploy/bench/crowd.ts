/**
 * Many screens in one process: each opens a WebSocket, says one thing, and notes when each frame came and how old the oldest change
 * in it is. Frames are looked through as bytes, since reading JSON would cost more than what is measured.
 *
 * Its parent says `begin`, `pause`, `resume` and `report`; it says `ready` once everybody has a whole snapshot.
 */
import WebSocket from "ws";
import type { CrowdReport, CrowdSettings } from "./crowd-words.ts";

const settings = JSON.parse(process.env.CROWD ?? "") as CrowdSettings;
/** Opened at once, so that the server is not asked for everything in one moment. */
const openingMax = 25;

const delta = Buffer.from('{"op":"delta"');
const wholeSnapshot = Buffer.from('"last":true');
const put = Buffer.from('"put":');
const position = Buffer.from('"pos":');
const slow = Buffer.from('"reason":"slow"');

const now = (): number => performance.timeOrigin + performance.now();

const marks: number[] = [];
const arrivals: number[] = [];
let frameBytes = 0;
let resets = 0;
let slowResets = 0;
const sockets: WebSocket[] = [];

/** The position of the first change: what waited longest comes first. */
const markOf = (frame: Buffer): number | undefined => {
  const row = frame.indexOf(put);
  const at = row < 0 ? -1 : frame.indexOf(position, row);
  if (at < 0) return undefined;
  const text = frame.toString("latin1", at + position.length, at + position.length + 24);
  return Number.parseFloat(text);
};

const hear = (frame: Buffer, isWhole: () => void) => {
  if (frame.subarray(0, delta.length).equals(delta)) {
    const mark = markOf(frame);
    if (mark === undefined) return;
    marks.push(mark);
    arrivals.push(now());
    frameBytes += frame.length;
    return;
  }
  if (frame.includes(wholeSnapshot)) return isWhole();
  if (!frame.includes('"op":"reset"')) return;
  resets += 1;
  if (frame.includes(slow)) slowResets += 1;
};

const open = () =>
  new Promise<void>((resolve, reject) => {
    const { url, protocol, key, says } = settings;
    const socket = new WebSocket(url, [protocol], {
      headers: { authorization: `Bearer ${key}` },
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    sockets.push(socket);
    let snapshots = 0;
    const isWhole = () => {
      snapshots += 1;
      if (snapshots === says.length) resolve();
    };
    socket.on("error", reject);
    socket.on("message", (frame) => hear(frame as Buffer, isWhole));
    socket.once("open", () => {
      for (const text of says) socket.send(text);
    });
  });

const report = (): CrowdReport => ({ marks, arrivals, frameBytes, resets, slowResets });

process.on("message", (word) => {
  if (word === "begin") {
    marks.length = 0;
    arrivals.length = 0;
    frameBytes = 0;
  }
  if (word === "pause") for (const socket of sockets) socket.pause();
  if (word === "resume") for (const socket of sockets) socket.resume();
  if (word === "report") process.send?.(report());
});
process.once("disconnect", () => process.exit());

let left = settings.clients;
const lane = async () => {
  while (left > 0) {
    left -= 1;
    await open();
  }
};
await Promise.all(Array.from({ length: openingMax }, lane));
process.send?.("ready");
