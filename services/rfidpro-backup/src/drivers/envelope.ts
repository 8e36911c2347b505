import { Fault } from "@tagwire/messages";
import Type from "typebox";
import { Compile } from "typebox/compile";
import type { RawRow } from "../actors/rows.ts";
import type { RfidproLimits } from "./settings.ts";

/*
 * What RFIDpro says is the word of a stranger: it is measured before it is read.
 */

/** The seed data count in text, the others in numbers. Blanks around one are none of it. */
const Count = Type.Union([
  Type.Integer({ minimum: 0, maximum: 999_999_999 }),
  Type.String({ pattern: "^ {0,9}\\d{1,9} {0,9}$" }),
]);
const Envelope = Type.Object({
  totalcount: Count,
  returncount: Type.Optional(Count),
  offset: Type.Optional(Count),
  data: Type.Array(Type.Unknown()),
  result: Type.Object({ success: Type.Union([Type.Boolean(), Type.String()]) }),
});
const envelope = Compile(Envelope);

/** The real answers are nested three deep: the answer, its rows, a row. */
const depthMax = 16;
/** The real rows have 36 fields at most. */
const fieldsMax = 200;
const wordsMax = 200;

export type Page = { readonly total: number; readonly rows: readonly RawRow[] };

/** How deep a JSON text is nested, told without building it. */
const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text.charCodeAt(at);
    if (isInText) {
      if (one === 0x5c) at += 1;
      else if (one === 0x22) isInText = false;
    } else if (one === 0x22) isInText = true;
    else if (one === 0x7b || one === 0x5b) depth += 1;
    else if (one === 0x7d || one === 0x5d) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
};

/** @throws Fault `rfidpro.garbled` */
export const parseAnswer = (text: string): unknown => {
  if (depthOf(text) > depthMax)
    throw new Fault("rfidpro.garbled", `an answer nested deeper than ${depthMax}`);
  try {
    // Some servers put a mark before what is UTF-8 anyway.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new Fault("rfidpro.garbled", "an answer that is no whole JSON", { cause });
  }
};

/** The message under `result`, as far as a person can read it. */
export const messageOf = (text: string): string => {
  try {
    const { result } = parseAnswer(text) as { result?: { message?: unknown } };
    const words = typeof result?.message === "string" ? result.message : "";
    return words.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, " ").slice(0, wordsMax);
  } catch {
    return "";
  }
};

const isRow = (value: unknown): value is RawRow =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length <= fieldsMax;

/**
 * Reads an answer to a question for rows.
 *
 * @throws Fault `rfidpro.garbled` where it is none, or contradicts itself; `rfidpro.refused` where it says no; `rfidpro.too_large`
 */
export const readPage = (
  text: string,
  asked: { readonly offset: number; readonly limit: number },
  limits: RfidproLimits,
): Page => {
  const answer = parseAnswer(text);
  if (!envelope.Check(answer)) {
    const [error] = envelope.Errors(answer);
    throw new Fault(
      "rfidpro.garbled",
      `no page of rows: ${error?.instancePath ?? ""} ${error?.message ?? ""}`,
    );
  }
  if (String(answer.result.success).toLowerCase() !== "true")
    throw new Fault("rfidpro.refused", messageOf(text) || "it says that it did not succeed");
  const { data } = answer;
  const total = Number(answer.totalcount);
  const returned = Number(answer.returncount ?? data.length);
  const offset = Number(answer.offset ?? asked.offset);
  if (total > limits.rowsMax) throw new Fault("rfidpro.too_large", `a data set of ${total} rows`);
  if (data.length > asked.limit)
    throw new Fault("rfidpro.garbled", `${data.length} rows where ${asked.limit} were asked for`);
  if (returned !== data.length)
    throw new Fault("rfidpro.garbled", `${data.length} rows in a page that counts ${returned}`);
  if (offset !== asked.offset)
    throw new Fault(
      "rfidpro.garbled",
      `the page from ${offset} where the one from ${asked.offset} was asked for`,
    );
  if (!data.every(isRow)) throw new Fault("rfidpro.garbled", "something between the rows that is no row");
  return { total, rows: data };
};
