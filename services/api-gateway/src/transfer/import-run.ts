import { Fault, type ImportOutcome, type ImportRow, importRowsMax } from "@tagwire/messages";
import type { HeardRow } from "./heard-rows.ts";
import type { ImportSummary, RowOutcome } from "./import-answer.ts";
import type { ReadRow, RowReader } from "./import-rows.ts";
import { createSeenTags } from "./seen-tags.ts";

/** A command with its rows stays below the bus's payload limit of 1 MiB. */
const chunkBytesMax = 700_000;
/** Rows in a row that cannot be read: what has so many is not the file that its type says. */
export const unreadableInARowMax = 1_000;

/** Rows that are decided together, with those between them that cannot be. */
type Chunk = { rows: ReadRow[]; items: ImportRow[]; bytes: number };

const emptyChunk = (): Chunk => ({ rows: [], items: [], bytes: 0 });

export type ImportSteps = {
  readonly rows: AsyncIterable<HeardRow>;
  readonly reader: RowReader;
  /** Takes rows to the owner of their site and gives an outcome for each. */
  readonly decide: (items: readonly ImportRow[]) => Promise<readonly ImportOutcome[]>;
  readonly tell: (outcomes: readonly RowOutcome[]) => Promise<void>;
  readonly dryRun: boolean;
};

export type ImportRun = {
  /** Ends with the file. @throws what ended it earlier; what was told until then stands. */
  readonly run: () => Promise<void>;
  readonly summary: () => ImportSummary;
};

/**
 * Takes a file through its site, chunk by chunk in the file's order. One chunk is under way while the next one is read, and nothing
 * is read beyond that: whoever sends is as fast as whoever decides.
 */
export const createImport = ({ rows, reader, decide, tell, dryRun }: ImportSteps): ImportRun => {
  const counts = { rows: 0, created: 0, changed: 0, unchanged: 0, rejected: 0 };
  const seen = createSeenTags();
  let unreadableInARow = 0;

  const outcomesOf = (chunk: Chunk, decided: readonly ImportOutcome[]): RowOutcome[] => {
    let next = 0;
    return chunk.rows.map((read) => {
      if (!("item" in read)) {
        const { row, tag, code, message } = read;
        return { row, tag, outcome: "rejected", code, message };
      }
      const outcome = decided[next];
      next += 1;
      if (outcome === undefined) throw new Fault("internal", "a row without an outcome");
      return { row: read.row, ...outcome };
    });
  };

  const decideChunk = async (chunk: Chunk): Promise<void> => {
    const decided = chunk.items.length === 0 ? [] : await decide(chunk.items);
    const outcomes = outcomesOf(chunk, decided);
    const told = dryRun ? seen.mark(outcomes) : outcomes;
    for (const { outcome } of told) {
      counts.rows += 1;
      counts[outcome] += 1;
    }
    await tell(told);
  };

  const countUnreadable = (heard: HeardRow): void => {
    unreadableInARow = "code" in heard ? unreadableInARow + 1 : 0;
    if (unreadableInARow > unreadableInARowMax)
      throw new Fault(
        "malformed",
        `${unreadableInARow} rows in a row cannot be read; this is no file of items`,
      );
  };

  const run = async () => {
    let chunk = emptyChunk();
    let underWay: Promise<void> = Promise.resolve();
    const send = async () => {
      await underWay;
      underWay = decideChunk(chunk);
      // Whoever awaits it next hears of it; until then it is no failure that nobody looks at.
      underWay.catch(() => undefined);
      chunk = emptyChunk();
    };
    try {
      for await (const heard of rows) {
        const read = reader.read(heard);
        const bytes = "item" in read ? Buffer.byteLength(JSON.stringify(read.item)) + 1 : 0;
        const isFull = chunk.rows.length >= importRowsMax || chunk.bytes + bytes > chunkBytesMax;
        if (isFull) await send();
        chunk.rows.push(read);
        chunk.bytes += bytes;
        if ("item" in read) chunk.items.push(read.item);
        countUnreadable(heard);
      }
    } finally {
      // What was read whole is decided, whatever became of the rest of the file.
      if (chunk.rows.length > 0) await send();
      await underWay;
    }
  };

  return { run, summary: () => ({ ...counts, warnings: [...reader.warnings(), ...seen.warnings()] }) };
};
