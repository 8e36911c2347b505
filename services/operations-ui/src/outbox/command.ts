import type { Receipt, Scan } from "@tagwire/messages";
import type { LaneWork } from "../lane/work.ts";

/**
 * What a scan is on this device, from the trigger to the record.
 *
 *   queued ──receipt──► done                              (accepted, already done)
 *   queued ──receipt: odd──► odd ──let go──► done          (taken or held, and somebody should look at it)
 *   queued ──receipt: refused──► attention ──understood──► done
 *                                attention ──something was done about it──► odd
 *   queued ──the server cannot take it──► attention ──again──► queued
 *                                         attention ──with a reason──► discarded
 *
 * Nothing is ever removed that has no receipt.
 */
export type CommandState = "queued" | "attention" | "odd" | "done" | "discarded";

/**
 * A captured scan as it is stored. `id` and `payload` never change once it is: asked again, the server knows it by both.
 *
 * `seq` is its number at its site in this life of the device, without a gap; null for one that was made while nothing could be stored. `order`
 * is its place in this browser's queue. `capturedBy` is whose name it goes under.
 */
export type Command = {
  readonly v: number;
  readonly id: string;
  readonly order: number;
  readonly seq: number | null;
  readonly deviceId: string;
  readonly incarnation: string;
  readonly type: "scan";
  readonly site: string;
  readonly payload: Scan;
  readonly capturedBy: string;
  /** By this device's own clock, in ms since 1970, and by one that nobody sets, in ms since the page was loaded. */
  readonly capturedAtMs: number;
  readonly monoMs: number;
  /** Server clock minus this clock when it was captured, as far as it was known, in ms. */
  readonly clockOffsetMs: number;
  readonly state: CommandState;
  readonly tries: number;
  readonly receipt?: Receipt;
  readonly answeredAtMs?: number;
  /** Why it waits for a person, or what the server said last. */
  readonly trouble?: { readonly code: string; readonly message: string };
  /** The session that it went into does not expect the thing, as the record says of the whole of it. */
  readonly isUnexpected?: true;
  /** What somebody did about a scan that did not go straight. */
  readonly lane?: LaneWork;
  readonly discarded?: { readonly reason: string; readonly by: string; readonly atMs: number };
};

/** What is known of a scan before it is stored. */
export type Draft = Omit<Command, "v" | "order" | "seq" | "deviceId" | "incarnation" | "state" | "tries">;

/** A scan that was just made, as it is to be stored. */
export const draftOf = (
  payload: Scan,
  how: Pick<Draft, "site" | "clockOffsetMs" | "capturedBy" | "capturedAtMs">,
): Draft => ({ ...how, id: payload.id, type: "scan", payload, monoMs: Math.round(performance.now()) });

type Stored = Readonly<Record<string, unknown>>;

/**
 * The form in which commands are written today, and how older ones are brought up to it: one step from each version to the next, which says
 * all that it said before. A step is never changed or taken out, since a tablet may have lain in a drawer.
 */
export type Form = {
  readonly v: number;
  readonly steps: Readonly<Record<number, (stored: Stored) => Stored>>;
};
export const today: Form = { v: 1, steps: {} };

/** A stored command in today's form; undefined when a newer page wrote it, so that this one leaves it as it is. */
export const readCommand = (stored: Stored, { v: newest, steps }: Form = today): Command | undefined => {
  let read = stored;
  for (let v = Number(stored.v); v < newest; v += 1) read = { ...(steps[v]?.(read) ?? read), v: v + 1 };
  return read.v === newest ? (read as unknown as Command) : undefined;
};

/** The scan as it is sent: what was captured, and its number. */
export const scanToSend = ({ payload, seq }: Pick<Command, "payload" | "seq">): Scan =>
  seq === null ? payload : { ...payload, seq };

/** Whether the server has yet to say what became of it. */
export const isUnanswered = ({ state, receipt }: Pick<Command, "state" | "receipt">): boolean =>
  state !== "discarded" && receipt === undefined;
