import { Fault, type FaultCode } from "@tagwire/messages";

/** No tag answered: it says that the reader lives, nothing else. */
export const noTransponder = "005";

type Meaning = { readonly code: FaultCode; readonly text: string };

/** Source: TSL ASCII 2 protocol; 008 from a public client of it. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["001", { code: "reader.error", text: "the reader does not understand a command: its firmware is older" }],
  ["002", { code: "reader.settings", text: "the reader does not know this option, or not this value of it" }],
  ["003", { code: "reader.settings", text: "the reader does not know this option, or not this value of it" }],
  ["005", { code: "reader.error", text: "no tag is in the field" }],
  ["006", { code: "reader.error", text: "no barcode was read" }],
  ["008", { code: "reader.antenna", text: "the reader's antenna is not fitted" }],
]);

export const errorFault = (code: string, asked: string): Fault => {
  const { code: fault, text } = meanings.get(code) ?? { code: "reader.error" as const, text: "an error" };
  return new Fault(fault, `${asked}: ${text} (${code})`);
};
