import {
  type BaseScan,
  type Random,
  type Rfidpro,
  type ScanSessionAct,
  seededRandom,
  statusAfter,
  uploadOf,
  type WarehouseItem,
  type WarehouseScan,
} from "@tagwire/emulators";
import { normaliseTag } from "@tagwire/messages";
import { note } from "./demo-log.ts";

/*
 * The old scanners go on beside the new ones: whatever is scanned is scanned with both, and the old ones upload to the stand-in. What the
 * two sides differ in then is what a house sees that runs both for a while.
 */

/** Of all scans, those that the old scanner never uploaded; nobody counted them. */
const lostShare = 0.006;
/** Of all sessions: scanned with a clock that is an hour slow, and ended with a thing that only the old scanner heard. */
const sessionShares = { slowClock: 0.006, alone: 0.008 } as const;
/** A slow clock spoils no large session: a handful of differences tells the same. */
const slowClockScansMax = 6;
const hourMs = 3_600_000;
/** A thing that only the old scanner heard came so long after the others. */
const aloneAfterMs = 7_000;

/**
 * How much later than the new scanner the old one is there, in ms. Both come into reach of the network at the same time, so that the
 * measured delay of the act, squeezed as the day is, holds for both; now and then an old one has to be put into its cradle first.
 */
const behindMs = { least: 1_000, most: 8_000 } as const;
const cradleShare = 0.03;
const cradleMs = { least: 60_000, most: 240_000 } as const;

const drawBehindMs = (random: Random): number => {
  const { least, most } = random.chance(cradleShare) ? cradleMs : behindMs;
  return random.whole(least, most);
};

const tagOf = ({ tag }: { readonly tag: string }): string => normaliseTag(tag) ?? tag;

/** What an old scanner makes of the status: a touch leaves it as it is. */
const statusOf = ({ type, status, condition }: WarehouseScan): string | null => {
  if (type === "rental") return "on_rent";
  if (type === "delivery") return "delivered";
  if (type === "return" || type === "pickup") return statusAfter(condition);
  return status;
};

/** Goods that leave or come back are scanned at a dock, and that is where an old scanner says they are until they are counted on a shelf. */
const placeOf = (
  { place }: WarehouseScan,
  { mode, place: dock }: ScanSessionAct["session"],
): string | null => (mode === "count" || mode === "service" ? place : (dock ?? place));

type Hears = (act: ScanSessionAct) => void;

/** Uploads to the stand-in what the staff scan, with the delays and the losses of the old scanners. */
export const openOldScanners = (
  { control, timeZone }: Pick<Rfidpro, "control" | "timeZone">,
  { items, seed }: { readonly items: readonly WarehouseItem[]; readonly seed: string },
): Hears => {
  const random = seededRandom(`${seed}/old scanners`);
  const known = new Map(items.map((item) => [tagOf(item), { class: item.name, name: item.name }]));
  let isFull = false;

  const scanOf = (scan: WarehouseScan, { session, device: by }: ScanSessionAct, slowMs = 0): BaseScan => ({
    ...{ tag: tagOf(scan), type: scan.type, contract: scan.contract, place: placeOf(scan, session) },
    ...{ quality: scan.quality, status: statusOf(scan), condition: scan.condition, by },
    scannedAtMs: scan.scannedAtMs - slowMs,
  });

  return (act) => {
    const { atMs, scans, part } = act;
    const arrivesAtMs = atMs + drawBehindMs(random);
    const isSlow = random.chance(sessionShares.slowClock) && scans.length <= slowClockScansMax;
    const heard = scans
      .filter(() => !random.chance(lostShare))
      .map((scan) => scanOf(scan, act, isSlow ? hourMs : 0));
    const last = scans.at(-1);
    const isAlone = random.chance(sessionShares.alone) && part.number === part.of && last !== undefined;
    const thing = isAlone ? random.pick(items) : undefined;
    const alone =
      thing === undefined || last === undefined
        ? []
        : [scanOf({ ...last, tag: thing.tag, scannedAtMs: last.scannedAtMs + aloneAfterMs }, act)];
    const uploads = [...heard, ...alone].map((scan) =>
      uploadOf({ ...scan, arrivesAtMs }, known.get(scan.tag), timeZone),
    );
    const taken = control.upload(uploads);
    if (taken === uploads.length || isFull) return;
    isFull = true;
    note("the stand-in for the old system is full: it takes no more scans until the demo is started again");
  };
};
