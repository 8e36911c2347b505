import { Readable } from "node:stream";
import { type CsvCell, csvLine } from "@tagwire/messages";
import { writeXlsxStream } from "hucre/xlsx";

/** A column of a list as it is written: its name, and what a row has in it. */
export type Column<Row> = { readonly name: string; readonly of: (row: Row) => CsvCell };

/** Pages of a list, in its order. Only one is held at a time. */
export type Pages<Row> = AsyncIterable<readonly Row[]>;

type Format = {
  readonly type: string;
  readonly write: <Row>(pages: Pages<Row>, columns: readonly Column<Row>[]) => Readable;
};

/** What is handed to the connection at once, in bytes, so that a slow reader is seen to take something. */
const pieceBytesMax = 32 * 1_024;

/** What one cell of a sheet may hold, in characters, and the rows that a sheet may have, by Excel's specification. */
const cellLengthMax = 32_767;
export const sheetRowsMax = 1_048_576;

// Bytes are cut and not text: a cut through a surrogate pair would lose the character.
async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += pieceBytesMax) yield bytes.subarray(at, at + pieceBytesMax);
  }
}

const readableOf = (texts: AsyncIterable<string>): Readable =>
  Readable.from(inPieces(texts), { objectMode: false });

async function* csvTexts<Row>(pages: Pages<Row>, columns: readonly Column<Row>[]): AsyncGenerator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const page of pages)
    yield page.map((row) => csvLine(columns.map((column) => column.of(row)))).join("");
}

async function* ndjsonTexts<Row>(pages: Pages<Row>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/**
 * A text as a sheet keeps it. What looks like the escape of a character is escaped itself, as the format wants it; a text that no
 * cell can hold is cut, and says so.
 */
const sheetText = (text: string): string => {
  const escaped = text
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
    // No XML may hold these two, and one of them would make the whole file unreadable; control characters are escaped by the writer.
    .replaceAll("\uFFFE", "_xFFFE_")
    .replaceAll("\uFFFF", "_xFFFF_");
  if (escaped.length <= cellLengthMax) return escaped;
  const note = `… (cut, ${text.length} characters)`;
  return `${escaped.slice(0, cellLengthMax - note.length)}${note}`;
};

async function* sheetRows<Row>(
  pages: Pages<Row>,
  columns: readonly Column<Row>[],
): AsyncGenerator<CsvCell[]> {
  let rows = 1;
  for await (const page of pages)
    for (const row of page) {
      rows += 1;
      if (rows > sheetRowsMax) throw new RangeError(`a sheet holds ${sheetRowsMax} rows; ask for csv`);
      yield columns.map((column) => {
        const cell = column.of(row);
        return typeof cell === "string" ? sheetText(cell) : cell;
      });
    }
}

/** How each format is written. In a sheet every text is typed as text, so nothing in it is ever run. */
export const exportFormats = {
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    write: (pages, columns) => readableOf(csvTexts(pages, columns)),
  },
  ndjson: {
    type: "application/x-ndjson",
    write: (pages) => readableOf(ndjsonTexts(pages)),
  },
  xlsx: {
    type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write: (pages, columns) =>
      Readable.fromWeb(
        writeXlsxStream(sheetRows(pages, columns), {
          name: "Tagwire",
          columns: columns.map(({ name }) => ({ header: name })),
          freezePane: { rows: 1 },
        }) as Parameters<typeof Readable.fromWeb>[0],
      ),
  },
} as const satisfies Readonly<Record<string, Format>>;

export type ExportFormat = keyof typeof exportFormats;
export const exportFormatNames = ["csv", "xlsx", "ndjson"] as const satisfies readonly ExportFormat[];
