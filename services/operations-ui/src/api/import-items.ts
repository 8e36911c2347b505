import type { ImportOutcome } from "@tagwire/messages";

export type RowOutcome = ImportOutcome & { readonly row: number };
export type ImportSummary = Readonly<
  Record<"rows" | "created" | "changed" | "unchanged" | "rejected", number>
> & { readonly warnings: readonly string[] };

/** How an import ended: what became of its rows, and why it ended before the file did, if it did. */
export type ImportEnd = { readonly summary?: ImportSummary; readonly wrong?: string };

type Line = Partial<RowOutcome> & {
  readonly summary?: ImportSummary;
  readonly error?: { readonly detail?: string; readonly title?: string };
};

type Import = {
  readonly file: File;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** Rows as they are decided, many at a time. */
  readonly onRows: (rows: readonly RowOutcome[]) => void;
};

const typeOf = (file: File): string =>
  /\.(nd)?json(l)?$/i.test(file.name) ? "application/x-ndjson" : "text/csv";

/** Sends a file of items of any length, and tells what becomes of each row while it is decided. Never throws. */
export const importItems = async (
  site: string,
  { file, dryRun, signal, onRows }: Import,
): Promise<ImportEnd> => {
  try {
    const path = `/api/v1/sites/${encodeURIComponent(site)}/items:import?dryRun=${dryRun}`;
    const response = await fetch(path, {
      ...{ method: "POST", credentials: "same-origin", body: file, signal },
      headers: { accept: "application/x-ndjson", "content-type": typeOf(file), "x-tagwire-csrf": "1" },
    });
    if (!response.ok || response.body === null) {
      const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string };
      return { wrong: problem.detail ?? problem.title ?? `The server answered ${response.status}.` };
    }
    return await readLines(response.body, onRows);
  } catch {
    return {
      wrong: "The connection broke. Rows that were answered stand, and the same file may be sent again.",
    };
  }
};

const readLines = async (body: ReadableStream<Uint8Array>, onRows: Import["onRows"]): Promise<ImportEnd> => {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = "";
  let end: ImportEnd | undefined;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const texts = (rest + part.value).split("\n");
    rest = texts.pop() ?? "";
    const lines = texts.filter((text) => text !== "").map((text) => JSON.parse(text) as Line);
    const last = lines.find(({ summary }) => summary !== undefined);
    if (last?.summary !== undefined) {
      const wrong = last.error === undefined ? undefined : (last.error.detail ?? last.error.title);
      end = { summary: last.summary, ...(wrong === undefined ? {} : { wrong }) };
    }
    onRows(lines.filter((line): line is RowOutcome => line.row !== undefined));
  }
  return end ?? { wrong: "The answer broke off. Rows that were answered stand; send the same file again." };
};
