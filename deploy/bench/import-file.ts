import { Readable } from "node:stream";
import { tagOf } from "./stock.ts";
import type { System } from "./system.ts";

const rowsPerPiece = 1_000;

async function* csvFile(rows: number): AsyncGenerator<string> {
  yield "tag,class,name,status,place,notes\r\n";
  for (let from = 0; from < rows; from += rowsPerPiece) {
    const lines = Array.from({ length: Math.min(rowsPerPiece, rows - from) }, (_, index) => {
      const at = from + index;
      return `${tagOf(at)},Class ${at % 40},"Frame, ${at % 7} m",ready,hall-${at % 12},${at % 9 === 0 ? "left leg" : ""}\r\n`;
    });
    yield lines.join("");
  }
}

/** Imports a CSV of so many new tags through the edge and reads an outcome for each; `answered` hears how many rows are. */
export const importFile = async (
  { http, key }: System,
  site: string,
  rows: number,
  answered: (rows: number) => void,
): Promise<void> => {
  const response = await fetch(`${http}/api/v1/sites/${site}/items:import`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "text/csv",
      accept: "application/x-ndjson",
    },
    body: Readable.toWeb(Readable.from(csvFile(rows))) as BodyInit,
    duplex: "half",
  } as RequestInit);
  if (!response.ok || response.body === null)
    throw new Error(`import: ${response.status} ${await response.text()}`);
  let created = 0;
  let rest = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.includes('"outcome":"created"')) created += 1;
    answered(created);
    const last = lines.at(-1);
    if (last?.includes('"error"')) throw new Error(`import ended early: ${last}`);
  }
  if (created !== rows) throw new Error(`${created} of ${rows} rows were created`);
};
