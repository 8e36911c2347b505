import { Fault, type FaultCode } from "@tagwire/messages";

/** The status words that a driver acts upon. Source: tmr_status.h of MercuryAPI 1.37. */
export const status = {
  ok: 0x0000,
  badOpcode: 0x0101,
  unimplemented: 0x0102,
  badParameter: 0x0105,
  noTags: 0x0400,
  antennaMissing: 0x0503,
  hot: 0x0504,
  returnLoss: 0x0505,
} as const;

type Meaning = { readonly code: FaultCode; readonly text: string };

const meanings: ReadonlyMap<number, Meaning> = new Map([
  [
    0x0100,
    { code: "reader.error", text: "a command had the wrong length: the firmware is older than the driver" },
  ],
  [
    0x0101,
    { code: "reader.error", text: "a command is unknown: the firmware is older, or the module still boots" },
  ],
  [0x0102, { code: "reader.error", text: "this module has no such function" }],
  [0x0103, { code: "reader.settings", text: "more power than the module has" }],
  [0x0105, { code: "reader.settings", text: "a value that the module cannot have" }],
  [0x0106, { code: "reader.settings", text: "less power than the module can go down to" }],
  [0x010a, { code: "reader.settings", text: "a baud rate that the module does not have" }],
  [0x010b, { code: "reader.region", text: "the module was not made for this region" }],
  [0x0400, { code: "reader.error", text: "no tag answered" }],
  [0x0402, { code: "reader.error", text: "the module does not speak Gen2" }],
  [0x0404, { code: "reader.error", text: "a tag gave no data: bring it nearer" }],
  [0x0405, { code: "reader.region", text: "the radio is off because no region is set" }],
  [0x0406, { code: "reader.error", text: "writing to a tag failed: bring it nearer" }],
  [0x0409, { code: "reader.error", text: "a tag has no such address" }],
  [0x0423, { code: "reader.error", text: "a tag has no such memory" }],
  [0x0424, { code: "reader.error", text: "a tag's memory is locked" }],
  [0x042b, { code: "reader.error", text: "a tag gets too little power: bring it nearer" }],
  [0x0500, { code: "reader.region", text: "a frequency outside the region" }],
  [0x0501, { code: "reader.error", text: "the channel is taken: another reader transmits nearby" }],
  [0x0502, { code: "reader.error", text: "the transmitter is on already" }],
  [0x0503, { code: "reader.antenna", text: "no antenna is plugged in where the module should send" }],
  [0x0504, { code: "reader.hot", text: "the module is too hot" }],
  [
    0x0505,
    {
      code: "reader.antenna",
      text: "the antenna throws power back: wrong antenna, bad cable or metal before it",
    },
  ],
  [0x0507, { code: "reader.settings", text: "antenna ports that this module does not have" }],
  [0x0509, { code: "reader.voltage", text: "the supply voltage is outside what the module takes" }],
  [0x0600, { code: "reader.error", text: "the module's tag buffer is empty" }],
  [0x0601, { code: "reader.error", text: "the module's tag buffer is full" }],
  [0x7f00, { code: "reader.error", text: "the module failed inside: unplug it and plug it in again" }],
  [0x7f01, { code: "reader.error", text: "the module failed inside: unplug it and plug it in again" }],
]);

export const statusName = (word: number): string => word.toString(16).toUpperCase().padStart(4, "0");

/** What a status word means to people; an unknown one is named by its digits. */
export const statusText = (word: number): string => meanings.get(word)?.text ?? `status ${statusName(word)}`;

/** The named fault of a status word that is not ok. */
export const statusFault = (word: number, asked: string): Fault =>
  new Fault(
    meanings.get(word)?.code ?? "reader.error",
    `${asked}: ${statusText(word)} (${statusName(word)})`,
  );
