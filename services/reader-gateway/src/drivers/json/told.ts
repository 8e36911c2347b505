import type { ReaderNotice } from "../driver.ts";

/** One tag as a JSON event names it. `stampMs` is by the reader's clock. */
export type ToldTag = {
  readonly kind: "tag";
  readonly epc: string;
  readonly antenna?: number;
  readonly rssiDbm: number | null;
  readonly count: number;
  readonly stampMs?: number;
  readonly tid?: string;
  readonly isIso?: true;
};

export type ToldInput = { readonly kind: "input"; readonly port: number; readonly stampMs?: number };

/** What one JSON event says: often one tag, sometimes several, sometimes something about the reader. */
export type Told =
  | ToldTag
  | { readonly kind: "notice"; readonly notice: ReaderNotice }
  /** What is wired to an input was broken; `stampMs` is by the reader's clock. */
  | ToldInput
  /** The reader began or ended reading, by itself or because somebody else told it. */
  | { readonly kind: "reading"; readonly isReading: boolean }
  /** Something that concerns nobody here, besides that the reader lives. */
  | { readonly kind: "alive" }
  /** An event of a sort that nobody here knows. */
  | { readonly kind: "unknown"; readonly name: string }
  | { readonly kind: "unreadable"; readonly no: string };

/** Reads one event of a family. Pure; whatever the event is, it does not throw. One of very many tags is read as far as it is asked for. */
export type EventReading = (event: unknown) => Iterable<Told>;
