import { csvLine, type Item, type RentalClass } from "@tagwire/messages";
import { identityOf } from "../routes/item-view.ts";

export const labelFormats = ["csv", "zpl"] as const;
export type LabelFormat = (typeof labelFormats)[number];

export type Label = { readonly item: Item; readonly rentalClass: RentalClass | undefined };
export type LabelFile = { readonly mediaType: string; readonly text: string };

/** The columns that label software of the trade is set up for. */
const columns = [
  "tag_id",
  "common_name",
  "subcategory",
  "short_common_name",
  "status",
  "bin_location",
] as const;

const nameOf = ({ item, rentalClass }: Label): string => rentalClass?.name ?? item.name ?? item.class;
const shortNameOf = (label: Label): string => label.rentalClass?.shortName ?? nameOf(label);

const csvOf = (labels: readonly Label[]): string =>
  csvLine(columns) +
  labels
    .map((label) =>
      csvLine([
        label.item.tag,
        nameOf(label),
        label.rentalClass?.subcategory ?? null,
        shortNameOf(label),
        label.item.status,
        label.item.place ?? label.rentalClass?.place ?? null,
      ]),
    )
    .join("");

/** In a field after `^FH`, `_` and two hex digits stand for a byte: whatever is not plain is written so, and can be no command. */
const zplText = (text: string): string =>
  [...new TextEncoder().encode(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9 .,:()/+-]/.test(character)
        ? character
        : `_${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");

/**
 * RFID memory is written in words of 16 bits: four hex digits each (Zebra ZPL II, `^RF`). Without a bank named, the printer writes 96 bits
 * and no more: of a longer code only the beginning, and two labels the same. Bank `A` takes any length, and tells the chip how long it is.
 */
const isWritable = (tag: string): boolean => /^[0-9A-F]+$/.test(tag) && tag.length % 4 === 0;

/** One label: writes the tag as it prints it, where the tag is something that a chip can hold. `^CI28` is UTF-8. */
const zplOf = (label: Label): string => {
  const { tag } = label.item;
  const { uri } = identityOf(label.item) as { uri?: string };
  return [
    "^XA",
    "^CI28",
    ...(isWritable(tag) ? [`^RFW,H,,,A^FD${tag}^FS`] : []),
    `^FO30,30^A0N,40,40^FH^FD${zplText(shortNameOf(label))}^FS`,
    `^FO30,80^A0N,24,24^FH^FD${zplText(uri ?? tag)}^FS`,
    `^FO30,120^BQN,2,5^FH^FDQA,${zplText(tag)}^FS`,
    "^XZ",
    "",
  ].join("\n");
};

/** A file of labels for a printer or its software. */
export const labelFile = (format: LabelFormat, labels: readonly Label[]): LabelFile =>
  format === "csv"
    ? { mediaType: "text/csv; charset=utf-8", text: csvOf(labels) }
    : { mediaType: "text/plain; charset=utf-8", text: labels.map(zplOf).join("") };
