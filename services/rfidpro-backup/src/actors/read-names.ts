import { qualities } from "@tagwire/messages";
import type { Oddities } from "./oddities.ts";
import { readFirstText, readText } from "./read-text.ts";
import type { RawRow } from "./rows.ts";

/** Digits, `L` and digits for laundry, `M-` and digits where the point of sale was late. */
const contractForm = /^(L?\d+|M-\d+)$/i;
const contractLengthMax = 40;
const classLengthMax = 120;
/** What a spreadsheet makes of a number. */
const decimalClass = /^(\d+)\.0+$/;

/** A contract's number as it was keyed; what looks like none (`Test`, a trailing `%`) is kept and said. */
export const readContract = (raw: RawRow, field: string, oddities: Oddities): string | null => {
  const text = readText(raw, field, oddities);
  if (text === null) return null;
  if (text.length > contractLengthMax) {
    oddities.note(field, "contract_too_long", text);
    return null;
  }
  if (!contractForm.test(text)) oddities.note(field, "contract_odd", text);
  return text;
};

/** Items call it `rental_class_num` and transactions `rental_class_id`: it is the same. */
export const readRentalClass = (raw: RawRow, oddities: Oddities): string | null => {
  const text = readFirstText(raw, ["rental_class_id", "rental_class_num"], oddities);
  if (text === null) return null;
  const [, whole] = decimalClass.exec(text) ?? [];
  if (whole !== undefined) oddities.note("rental_class_id", "class_decimal", text);
  if (text.length <= classLengthMax) return whole ?? text;
  oddities.note("rental_class_id", "class_too_long", text);
  return null;
};

const grades: ReadonlySet<string> = new Set(qualities);

/** A grade from A+ to C-; null for none, and for one that there is not. */
export const readQuality = (raw: RawRow, oddities: Oddities): string | null => {
  const text = readText(raw, "quality", oddities);
  const grade = text?.toUpperCase().replaceAll(/\s/g, "") ?? null;
  if (grade === null || grades.has(grade)) return grade;
  oddities.note("quality", "quality_unknown", text);
  return null;
};

const scanTypes: Readonly<Record<string, string>> = {
  rental: "rental",
  return: "return",
  delivery: "delivery",
  pickup: "pickup",
  "touch scan": "touch",
  touch: "touch",
};

/** What kind of scan it was; null for a word that is none of them. */
export const readScanType = (raw: RawRow, oddities: Oddities): string | null => {
  const text = readText(raw, "scan_type", oddities);
  const word = (text ?? "").toLowerCase().replaceAll(/\s+/g, " ");
  const known = Object.hasOwn(scanTypes, word) ? scanTypes[word] : undefined;
  if (known !== undefined) return known;
  oddities.note("scan_type", "scan_type_unknown", text);
  return null;
};
