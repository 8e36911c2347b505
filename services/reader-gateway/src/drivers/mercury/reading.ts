import type { Judgement, Line } from "../line/line.ts";
import { encodeFrame, type MercuryFrame, opcodes } from "./frames.ts";
import { status, statusFault } from "./status.ts";
import { metadata } from "./tag-record.ts";

const useAntennaList = 0x0003;
const embedded = 0x0004;
const streaming = 0x0008;
const largePopulation = 0x0010;
const searchFlags = useAntennaList | streaming | largePopulation;
const cycleMs = 1_000;
/** Everything up to the GPIO bits; what came later in the family is not known by older firmware. */
const mask =
  metadata.readCount |
  metadata.rssi |
  metadata.antenna |
  metadata.frequency |
  metadata.timestamp |
  metadata.phase |
  metadata.protocol |
  metadata.data |
  metadata.gpio;
const gen2 = 5;
const continuous = 1;
const withMetadata = 0x10;

const word = (value: number): number[] => [value >> 8, value & 0xff];
/** The read command that the module repeats by itself. */
const inner = (flags: number): number[] => [
  opcodes.readTags,
  withMetadata,
  ...word(flags),
  ...word(cycleMs),
  ...word(mask),
];

const tidBank = 2;
/** 96 bits: what FastID readers tell too, so that a chip has one name whichever reader hears it. */
const tidWords = 6;
/** Reads the TID bank from its first word: timeout, option, bank, address, words. */
const readTid = [opcodes.readData, ...word(cycleMs), 0, tidBank, ...word(0), ...word(0), tidWords];
/** One command, whose length leaves out its opcode. Source: msgAddGEN2DataRead and prepEmbReadTagMultiple of MercuryAPI. */
const embeddedTid = [1, readTid.length - 1, ...readTid];

/** Without a timeout, in option 1: the module reads until it is told to stop. */
const start = (asksTid: boolean): number[] => {
  const read = asksTid ? [...inner(searchFlags | embedded), ...embeddedTid] : inner(searchFlags);
  return [0, 0, continuous, opcodes.readTags, 0, 0, gen2, read.length - 1, ...read];
};
const stop = [0, 0, 2];
const endedOption = 2;

const isEnd = ({ opcode, data }: MercuryFrame): boolean =>
  opcode === opcodes.multiProtocol && data[0] === endedOption;

/** Starts reading, and asks each tag for its TID where that is wanted; the first tag counts as an answer too. Rejects with the named fault of what the module says. */
export const startReading = async (line: Line<MercuryFrame>, asksTid: boolean): Promise<void> => {
  await line.ask({
    name: "start",
    bytes: encodeFrame(opcodes.multiProtocol, start(asksTid)),
    judge: (frame): Judgement => {
      if (frame.opcode === opcodes.readTags) return "answer";
      if (frame.opcode !== opcodes.multiProtocol || isEnd(frame)) return "other";
      return frame.status === status.ok ? "answer" : statusFault(frame.status, "start");
    },
  });
};

/** Stops reading. The module says so after the last tag; a module that was not reading may say no, which is as good. */
export const stopReading = async (line: Line<MercuryFrame>): Promise<void> => {
  await line.ask({
    name: "stop",
    bytes: encodeFrame(opcodes.multiProtocol, stop),
    judge: (frame): Judgement => {
      const isRefused = frame.opcode === opcodes.multiProtocol && frame.status !== status.ok;
      return isEnd(frame) || isRefused ? "answer" : "other";
    },
  });
};
