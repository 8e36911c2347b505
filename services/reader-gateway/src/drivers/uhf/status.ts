import { Fault, type FaultCode } from "@tagwire/messages";

/** What a reader says of a command. Source: UHFReader18 user's manual 2.0, section 5. */
export const status = {
  ok: 0x00,
  done: 0x01,
  timeIsUp: 0x02,
  moreFollows: 0x03,
  memoryFull: 0x04,
  statistics: 0x26,
  heartbeat: 0x28,
  antennaFault: 0xf8,
  noTag: 0xfb,
  wrongLength: 0xfd,
  unknownCommand: 0xfe,
  badValue: 0xff,
} as const;

/** A round goes on after these. */
export const isOngoing = (word: number): boolean => word === status.moreFollows || word === status.statistics;

type Meaning = { readonly code: FaultCode; readonly text: string };

const meanings: ReadonlyMap<number, Meaning> = new Map([
  [0x04, { code: "reader.error", text: "the reader's memory is full of tags" }],
  [0x05, { code: "reader.error", text: "the tag's access password is another one" }],
  [0x0b, { code: "reader.error", text: "the tag does not know this command" }],
  [0xf8, { code: "reader.antenna", text: "no antenna is plugged in where the reader should send" }],
  [
    0xf9,
    { code: "reader.error", text: "the reader could not run the command: unplug it and plug it in again" },
  ],
  [0xfa, { code: "reader.error", text: "the tag is too far away to be spoken to" }],
  [0xfb, { code: "reader.error", text: "no tag is in the field" }],
  [0xfc, { code: "reader.error", text: "the tag refused" }],
  [
    0xfd,
    { code: "reader.error", text: "a command had the wrong length: the firmware may be another family's" },
  ],
  [
    0xfe,
    {
      code: "reader.error",
      text: "the reader does not know a command: its firmware may be another family's",
    },
  ],
  [0xff, { code: "reader.settings", text: "a value that the reader cannot have" }],
]);

export const statusName = (word: number): string => word.toString(16).toUpperCase().padStart(2, "0");

export const statusText = (word: number): string => meanings.get(word)?.text ?? `status ${statusName(word)}`;

/** The named fault of a status that is not ok. */
export const statusFault = (word: number, asked: string): Fault =>
  new Fault(
    meanings.get(word)?.code ?? "reader.error",
    `${asked}: ${statusText(word)} (${statusName(word)})`,
  );
