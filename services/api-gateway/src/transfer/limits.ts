import { senderIdleMsMax } from "./patient-bytes.ts";
import { readerIdleMsMax } from "./stalled-reader.ts";

/** What imports and exports of one gateway may take together. */
export type TransferLimits = {
  readonly senderIdleMsMax: number;
  readonly readerIdleMsMax: number;
  readonly importsMax: number;
  readonly exportsMax: number;
};

export const transferLimits: TransferLimits = {
  senderIdleMsMax,
  readerIdleMsMax,
  importsMax: 8,
  exportsMax: 16,
};
