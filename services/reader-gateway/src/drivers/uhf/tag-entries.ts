/** A tag as a round tells it. */
export type UhfTag = {
  /** Upper-case hex. */
  readonly epc: string;
  /** What came with the EPC when the reader asks tags for both (FastID). */
  readonly tid: string | undefined;
  /** The port, from 1; undefined when the reader has one and does not say. */
  readonly antenna: number | undefined;
  /** Strength on a scale that differs from model to model; it is no dBm. */
  readonly rssiRaw: number | undefined;
};

/** Why data cannot be read. */
export type Unreadable = { readonly no: string };
export type Entries = { readonly tags: readonly UhfTag[] } | Unreadable;

/** What two families write differently: 288 tells the antenna before the tags and the strength behind each. */
export type EntryForm = { readonly hasAntenna: boolean; readonly hasRssi: boolean };
export const form18: EntryForm = { hasAntenna: false, hasRssi: false };
export const form288: EntryForm = { hasAntenna: true, hasRssi: true };

const hasTid = 0x80;
const hasPhase = 0x40;
const lengthBits = 0x3f;
const tidLength = 12;

/** Antennas are bits; a round is of one, so the lowest counts. */
const portOf = (mask: number): number | undefined => (mask === 0 ? undefined : 32 - Math.clz32(mask & -mask));

const hex = (bytes: Buffer): string => bytes.toString("hex").toUpperCase();

type Entry = { readonly tag: UhfTag; readonly next: number };

const entryAt = (
  data: Buffer,
  at: number,
  { hasRssi }: EntryForm,
  antenna: number | undefined,
): Entry | Unreadable => {
  const told = data[at];
  if (told === undefined) return { no: "fewer tags than it counts" };
  if ((told & hasPhase) !== 0) return { no: "a tag with fields of unknown length" };
  const end = at + 1 + (told & lengthBits);
  const next = end + (hasRssi ? 1 : 0);
  if (next > data.length) return { no: "a tag longer than the frame" };
  const isWithTid = (told & hasTid) !== 0;
  const epcEnd = isWithTid ? end - tidLength : end;
  if (epcEnd < at + 1) return { no: "a tag shorter than its TID" };
  const tag: UhfTag = {
    epc: hex(data.subarray(at + 1, epcEnd)),
    tid: isWithTid ? hex(data.subarray(epcEnd, end)) : undefined,
    antenna,
    rssiRaw: hasRssi ? data[end] : undefined,
  };
  return { tag, next };
};

const entries = (
  data: Buffer,
  from: number,
  count: number,
  form: EntryForm,
  antenna: number | undefined,
): Entries => {
  const tags: UhfTag[] = [];
  let at = from;
  for (let left = count; left > 0; left -= 1) {
    const entry = entryAt(data, at, form, antenna);
    if ("no" in entry) return entry;
    tags.push(entry.tag);
    at = entry.next;
  }
  return at === data.length ? { tags } : { no: "more bytes than its tags have" };
};

/** The tags of an inventory answer: antenna where the family tells it, their number, then each. Pure; nothing is thrown. */
export const readInventory = (data: Buffer, form: EntryForm): Entries => {
  const countAt = form.hasAntenna ? 1 : 0;
  const count = data[countAt];
  if (count === undefined) return data.length === 0 ? { tags: [] } : { no: "no number of tags" };
  return entries(data, countAt + 1, count, form, form.hasAntenna ? portOf(data[0] as number) : undefined);
};

/** The one tag that a reader in its active mode pushes: antenna, length, EPC, strength. */
export const readPushed = (data: Buffer): Entries => {
  if (data.length < 2) return { no: "a pushed tag is too short" };
  return entries(data, 1, 1, form288, portOf(data[0] as number));
};
