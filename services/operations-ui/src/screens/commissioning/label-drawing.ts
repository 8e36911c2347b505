/** One thing on a label, in dots of the printer from its upper left corner. */
export type LabelPart =
  | {
      readonly kind: "text";
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly text: string;
    }
  | {
      readonly kind: "code";
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly text: string;
    };

export type LabelDrawing = {
  readonly parts: readonly LabelPart[];
  /** What is written into the chip; undefined where the label has none to write. */
  readonly written: string | undefined;
};

/** After `^FH` an underscore and two hex digits stand for a byte of UTF-8. */
const textOf = (field: string): string => {
  const bytes = field.replaceAll(/_([0-9A-F]{2})|[^_]/g, (all, hex?: string) =>
    hex === undefined ? encodeURIComponent(all) : `%${hex}`,
  );
  try {
    return decodeURIComponent(bytes);
  } catch {
    return field;
  }
};

/** A QR code of a tag of 96 bits has 25 modules on each side, besides nothing around it. */
const codeModules = 25;
const field = /\^FO(\d+),(\d+)\^(?:A0N,(\d+),\d+|BQN,2,(\d+))\^FH\^FD(?:QA,)?(.*?)\^FS/g;
const chip = /\^RFW,H,,,A\^FD([0-9A-F]+)\^FS/;

const partOf = ([, x, y, letters, module, text = ""]: RegExpExecArray): LabelPart => {
  const at = { x: Number(x), y: Number(y), text: textOf(text) };
  return module === undefined
    ? { kind: "text", size: Number(letters), ...at }
    : { kind: "code", size: Number(module) * codeModules, ...at };
};

/** What a label of a ZPL file shows: drawn from the very file that goes to the printer, so that the two cannot differ. */
export const drawLabel = (zpl: string): LabelDrawing => ({
  parts: [...zpl.matchAll(field)].map(partOf),
  written: chip.exec(zpl)?.[1],
});

/** The labels of a file, one by one. */
export const labelsIn = (zpl: string): readonly string[] => zpl.match(/\^XA[\s\S]*?\^XZ/g) ?? [];
