import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../runbooks");

export type Runbook = { readonly file: string; readonly text: string };

/** Every runbook as it is written. */
export const readRunbooks = (): Runbook[] =>
  readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));

/** The fenced blocks of a language. */
export const blocksOf = ({ text }: Runbook, language: string): string[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, word, block]) =>
    word === language ? [(block ?? "").trim()] : [],
  );

/** What runbooks say to ask Prometheus. */
export const runbookQueries = (): { readonly file: string; readonly query: string }[] =>
  readRunbooks().flatMap((runbook) =>
    blocksOf(runbook, "promql").map((query) => ({ file: runbook.file, query })),
  );
