import type { Socket } from "node:net";
import { headerLength, messageTable } from "@tagwire/llrp";
import type { Random } from "../random.ts";

/** How a line spoils what is sent over it. TCP may split and merge at any time; garbage is what broken firmware adds. */
export type LineFlaws = {
  readonly splitFrames: boolean;
  readonly mergeFrames: boolean;
  /** How often garbage stands before a frame, 0 to 1. */
  readonly garbageShare: number;
};

const garbageLengthMax = 40;
const falseNames = ["RO_ACCESS_REPORT", "KEEPALIVE", "READER_EVENT_NOTIFICATION"] as const;
const falseLengthMax = 0x3f_ffff;
/** Frames that wait on a stalled line; beyond it the line is dropped, since nobody would read them in time. */
const waitingFramesMax = 10_000;

/** The way from a reader to its client. Without flaws a frame is one write. */
export class FlakyLine {
  readonly #socket: Socket;
  readonly #flaws: LineFlaws;
  readonly #random: Random;
  #waiting: Buffer[] = [];
  #isScheduled = false;
  #isStalled = false;
  #endsAfterwards = false;

  constructor(socket: Socket, flaws: LineFlaws, random: Random) {
    this.#socket = socket;
    this.#flaws = flaws;
    this.#random = random;
  }

  send(frame: Buffer): void {
    const bytes = this.#random.chance(this.#flaws.garbageShare)
      ? Buffer.concat([this.#garbage(), frame])
      : frame;
    if (!this.#isStalled && !this.#flaws.splitFrames && !this.#flaws.mergeFrames) {
      this.#socket.write(bytes);
      return;
    }
    this.#waiting.push(bytes);
    if (this.#waiting.length > waitingFramesMax) this.#socket.destroy();
    this.#schedule();
  }

  /** Nothing more comes out until {@link resume}. */
  stall(): void {
    this.#isStalled = true;
  }

  resume(): void {
    this.#isStalled = false;
    this.#schedule();
  }

  /** Ends the connection after what waits. */
  end(): void {
    this.#endsAfterwards = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStalled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    this.#isScheduled = false;
    if (this.#isStalled || this.#socket.destroyed) return;
    const count = this.#flaws.mergeFrames ? this.#waiting.length : 1;
    const bytes = Buffer.concat(this.#waiting.splice(0, count));
    const cut =
      this.#flaws.splitFrames && bytes.length > 1 ? this.#random.whole(1, bytes.length) : bytes.length;
    if (cut > 0) this.#socket.write(bytes.subarray(0, cut));
    if (cut < bytes.length) this.#waiting.unshift(bytes.subarray(cut));
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#endsAfterwards) this.#socket.end();
  }

  /** The three top bits of a header are zero, so bytes from 0x20 on are none; a false header claims more than there is. */
  #garbage(): Buffer {
    const length = this.#random.whole(1, garbageLengthMax);
    const bytes = Buffer.from(Array.from({ length }, () => this.#random.whole(0x20, 0xff)));
    return this.#random.chance(0.5) ? bytes : Buffer.concat([bytes, this.#falseHeader()]);
  }

  #falseHeader(): Buffer {
    const header = Buffer.alloc(headerLength);
    header.writeUInt16BE((1 << 10) | messageTable[this.#random.pick(falseNames)].type, 0);
    header.writeUInt32BE(this.#random.whole(headerLength + 1, falseLengthMax), 2);
    return header;
  }
}
