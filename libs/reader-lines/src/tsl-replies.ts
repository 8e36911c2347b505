import { isIsoPc } from "@tagwire/epc";

/** A line of the ASCII 2 protocol: two letters, a colon and what they hold. */
export type TslLine = { readonly key: string; readonly value: string };

export const tslLine = (text: string): TslLine | undefined => {
  const [, key, value] = /^([A-Z]{2}):\s*(.*)$/.exec(text) ?? [];
  return key === undefined || value === undefined ? undefined : { key, value: value.trim() };
};

export type TslTag = {
  readonly epc: string;
  readonly rssiDbm: number | null;
  readonly tid: string | undefined;
  readonly isIso?: true;
};

/** What a line completed: a tag, or the reason why what came is none. */
export type Completed = TslTag | { readonly no: string } | undefined;

type Fields = {
  readonly epc: string | undefined;
  readonly rssi: string | undefined;
  readonly tid: string | undefined;
  readonly pc: string | undefined;
};

const empty: Fields = { epc: undefined, rssi: undefined, tid: undefined, pc: undefined };
/** A tag is whole words; a line that was cut is told by that, three times out of four. */
const words = /^(?:[0-9A-F]{4})*$/i;
const pcWord = /^[0-9A-F]{4}$/i;
/** These may stand before the EPC of the next tag, and those end the last one. */
const heads: ReadonlySet<string> = new Set(["IX", "DT"]);
const ends: ReadonlySet<string> = new Set(["CS", "OK", "ER"]);
const ofTag: Readonly<Record<string, "rssi" | "tid" | "pc">> = { RI: "rssi", TD: "tid", PC: "pc" };
const rssiMinDbm = -128;

const rssiOf = (text: string | undefined): number | null => {
  const rssi = text !== undefined && /^[+-]?\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return rssi >= rssiMinDbm && rssi <= 20 ? rssi : null;
};

const complete = ({ epc, rssi, tid, pc }: Fields): Completed => {
  if (epc === undefined) return undefined;
  if (!words.test(epc)) return { no: "an EPC that is no hex of whole words" };
  const isTid = tid !== undefined && tid !== "" && words.test(tid);
  return {
    epc: epc.toUpperCase(),
    rssiDbm: rssiOf(rssi),
    tid: isTid ? tid.toUpperCase() : undefined,
    ...(pc !== undefined && pcWord.test(pc) && isIsoPc(Number.parseInt(pc, 16)) ? { isIso: true } : {}),
  };
};

/**
 * Gathers the lines of a tag. It begins with its EPC, or with an index or time when those are on, and is whole when the next begins or
 * the reply ends. What was lost between two lines may have been the beginning of another tag: a strength, PC or TID behind it, or one that comes a
 * second time, is nobody's. Every line is kept or let go at once, so nothing grows.
 */
export class TslTags {
  #fields: Fields = empty;

  take({ key, value }: TslLine): Completed {
    const isBegin = key === "EP" || (heads.has(key) && this.#fields.epc !== undefined);
    if (!isBegin && !ends.has(key)) return this.#add(key, value);
    const whole = this.cut();
    if (key === "EP") this.#fields = { ...empty, epc: value };
    return whole;
  }

  /** Something was lost: whatever comes next need not be of the tag that was begun. */
  cut(): Completed {
    const whole = complete(this.#fields);
    this.#fields = empty;
    return whole;
  }

  #add(key: string, value: string): Completed {
    const field = ofTag[key];
    if (field === undefined || this.#fields.epc === undefined) return undefined;
    if (this.#fields[field] !== undefined) return this.cut();
    this.#fields = { ...this.#fields, [field]: value };
    return undefined;
  }
}
