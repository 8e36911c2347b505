import type { By, Item, ItemChange, LoggedEvent, Scan } from "@tagwire/messages";
import { windowSkewMs } from "./tolerances.ts";

/** A scan as the log of operations tells it. */
export type OperationsScan = {
  readonly id: string;
  readonly pos: number;
  readonly tag: string;
  readonly type: string;
  /** By the scanner's clock. */
  readonly atMs: number;
  readonly contract: string | null;
  readonly place: string | null;
  readonly by: By;
  /** When it happened to the thing, for whoever asks whether anything did while RFIDpro was read: see {@link happenedAtMs}. */
  readonly happenedAtMs: number;
};

/** As whom an import is sent: whoever looks at a scan sees where it comes from. */
export const importDevice = "rfidpro";

/**
 * When an event was recorded. One that an import recorded was on both sides from that instant on, so it counts as older by as much as
 * RFIDpro may be behind what people do.
 */
export const happenedAtMs = ({ recordedAt, by }: Pick<LoggedEvent, "recordedAt" | "by">): number =>
  Date.parse(recordedAt) - (by.device === importDevice ? windowSkewMs : 0);

/**
 * What an event says of a scan that somebody made; undefined of one that says nothing of any. What a reader overhears is none: RFIDpro is
 * never told of it, and there is far more of it than people scan.
 */
export const scanOf = (event: LoggedEvent): OperationsScan | undefined => {
  const { tag, scanId, data } = event;
  if (tag === undefined || scanId === undefined) return undefined;
  if (event.by.reader !== undefined && event.by.person === undefined) return undefined;
  const { scan, was } = data as { scan?: Partial<Scan> & { deviceTime?: string } } & Partial<ItemChange>;
  if (scan?.type === undefined) return undefined;
  const at = scan.deviceTime ?? scan.scannedAt ?? event.scannedAt;
  if (at === undefined) return undefined;
  return {
    id: scanId,
    pos: event.pos,
    tag,
    type: scan.type,
    atMs: Date.parse(at),
    // A return is told with the rental that it ends, also where the scan named none.
    contract: scan.contract ?? event.contract ?? was?.contract ?? null,
    place: scan.place ?? null,
    by: event.by,
    happenedAtMs: happenedAtMs(event),
  };
};

/** An item of operations, and when the log last told anything of it. */
export type OperationsItem = { readonly item: Item; readonly touchedAt: string };
