import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Writes JSON that only the owner may read (mode 0600); a reader sees the old content or the new, never half. */
export const writePrivateJson = (file: string, value: unknown): void => {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
};

/** The JSON in a file; `undefined` when it is missing or not whole. */
export const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};
