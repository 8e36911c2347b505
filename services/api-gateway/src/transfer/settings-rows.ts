import { type FaultCode, ReaderSettingsRow } from "@tagwire/messages";
import { Compile } from "typebox/compile";
import { Refusal } from "../edge/problem.ts";
import { schemaErrors } from "../edge/schema-errors.ts";
import { pointedErrors } from "../edge/validation.ts";
import { ndjsonRows } from "./heard-rows.ts";

/** A row of a file of settings as it can be taken, or why it cannot. Rows count from 1. */
export type SettingsRow = { readonly row: number; readonly reader: string | null } & (
  | { readonly settings: ReaderSettingsRow }
  | { readonly code: FaultCode; readonly message: string }
);

const check = Compile(ReaderSettingsRow);

const idOf = (value: unknown): string | null =>
  typeof value === "object" && value !== null && "id" in value && typeof value.id === "string"
    ? value.id.slice(0, 64)
    : null;

const whyNot = (value: unknown): string => {
  const [wrong] = pointedErrors(schemaErrors(ReaderSettingsRow, value), "body");
  if (wrong === undefined) return "the row is not as the schema says";
  return `${wrong.pointer === "" ? "the row" : wrong.pointer} ${wrong.message}`;
};

const read = (row: number, value: unknown, seen: Set<string>): SettingsRow => {
  const reader = idOf(value);
  const refused = (message: string): SettingsRow => ({ row, reader, code: "row_malformed", message });
  if (!check.Check(value)) return refused(whyNot(value));
  // Which of two rows is meant, nobody can say; the first one stands.
  if (seen.has(value.id)) return refused("the reader is in an earlier row");
  seen.add(value.id);
  return { row, reader: value.id, settings: value };
};

const listIn = (text: string): readonly unknown[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal({ code: "malformed", detail: "The file is not JSON." });
  }
  if (Array.isArray(value)) return value;
  throw new Refusal({ code: "malformed", detail: "The file is no list of readers." });
};

/**
 * The rows of a file of settings: a list in JSON, or an object in each line of NDJSON.
 *
 * @throws Refusal `malformed` when the whole file cannot be read.
 */
export const settingsRows = async (bytes: Buffer, isLines: boolean): Promise<SettingsRow[]> => {
  const seen = new Set<string>();
  if (!isLines) return listIn(bytes.toString("utf8")).map((value, index) => read(index + 1, value, seen));
  const rows: SettingsRow[] = [];
  const chunks = (async function* () {
    yield bytes;
  })();
  for await (const heard of ndjsonRows(chunks))
    rows.push(
      "code" in heard ? { ...heard, reader: null } : read(heard.row, Object.fromEntries(heard.fields), seen),
    );
  return rows;
};
