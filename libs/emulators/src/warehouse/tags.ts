import type { Random } from "../random.ts";

/** How a tag's id is made up, as found on 12,477 real items. */
export type TagForm =
  | "sgtin96"
  | "grai96"
  | "chip"
  | "digits24"
  | "firm"
  | "hex24"
  | "digits32"
  | "digits12"
  | "miskeyed";

/** `tag` is what the books say, `epc` what an antenna hears; they differ where somebody keyed it wrongly. */
export type TagId = { readonly tag: string; readonly epc: string; readonly form: TagForm };

const formWeights: readonly (readonly [TagForm, number])[] = [
  ["digits32", 5150],
  ["chip", 2316],
  ["digits24", 1759],
  ["sgtin96", 1654],
  ["firm", 1052],
  ["hex24", 336],
  ["grai96", 169],
  ["miskeyed", 25],
  ["digits12", 18],
];

/** GS1's own example company prefix, of seven digits: partition 5, 24 bits. */
const companyPrefix = 614_141n;
const partition = 5n;
const serialBits = 38n;

const hexOf = (value: bigint, digits: number): string =>
  value.toString(16).toUpperCase().padStart(digits, "0");

/** Header, filter 1, partition, company prefix, 20 bits of reference, serial. Source: GS1 Tag Data Standard 1.13, section 14. */
const gs1Epc = (header: bigint, reference: number, serial: number): string => {
  const prefix = (header << 88n) | (1n << 85n) | (partition << 82n) | (companyPrefix << 58n);
  return hexOf(prefix | (BigInt(reference) << serialBits) | BigInt(serial), 24);
};

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.whole(0, 9)).join("");
const hex = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.whole(0, 15).toString(16).toUpperCase()).join("");

/** Whose tags begin with their letters, where nobody says other ones. */
export const firmByDefault = "TWR";

/** Three letters of the firm in ASCII, then a running number in digits. */
const firmEpc = (firm: string, index: number): string =>
  `${Buffer.from(firm).toString("hex")}${String(index).padStart(18, "0")}`;

const epcOf = (random: Random, form: TagForm, { index, firm }: { index: number; firm: string }): string => {
  switch (form) {
    case "sgtin96":
      return gs1Epc(0x30n, random.whole(1, 999_999), 1_000_000 + index);
    case "grai96":
      return gs1Epc(0x33n, random.whole(1, 99_999), 2_000_000 + index);
    case "chip":
      return `E280${hex(random, 12)}${hexOf(BigInt(index), 8)}`;
    case "digits24":
      return `3232${digits(random, 12)}${String(index).padStart(8, "0")}`;
    case "firm":
      return firmEpc(firm, index);
    case "digits32":
      return `${digits(random, 9)}${random.pick([..."ABCDEF"])}${digits(random, 14)}${String(index).padStart(8, "0")}`;
    case "digits12":
      return `${digits(random, 4)}${String(index).padStart(8, "0")}`;
    case "hex24":
    case "miskeyed":
      return `A${hex(random, 15)}${hexOf(BigInt(index), 8)}`;
  }
};

/** What people make of 24 characters when they type them. */
const miskeyed = (random: Random, epc: string): string =>
  random.pick([epc.slice(0, -random.whole(1, 3)), `${epc}${random.whole(0, 9)}`, `${epc}l`, ` ${epc}`]);

/** Draws a tag's id; `index` makes it unlike all others of the firm. */
export const drawTag = (random: Random, index: number, firm = firmByDefault): TagId => {
  const form = random.weighted(formWeights);
  const epc = epcOf(random, form, { index, firm });
  return { form, epc, tag: form === "miskeyed" ? miskeyed(random, epc) : epc };
};
