import type { RfidproRow, RfidproSet } from "./rows.ts";

/** What may go wrong with an answer. */
export type FaultAct =
  /** Answers with this status, such as 500 or 429. */
  | { readonly act: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  /** Answers 401, and every token that was given is worth nothing any more. */
  | { readonly act: "unauthorized" }
  /** Never answers. */
  | { readonly act: "silent" }
  /** Answers when this has come to pass, and as always then. */
  | { readonly act: "held"; readonly until: Promise<unknown> }
  /** Sends so many bytes a second. */
  | { readonly act: "slow"; readonly bytesPerSecond: number }
  /** Ends the JSON in the middle, as if that were all. */
  | { readonly act: "truncated" }
  /** Promises more bytes than come, or fewer. */
  | { readonly act: "wrong-length"; readonly by: number }
  /** Breaks the connection off: before the answer, or in the middle of it. */
  | { readonly act: "reset"; readonly when: "before" | "middle" }
  /** Gives the page that begins so many rows before the one that was asked for; `echo` says which offset it names. */
  | { readonly act: "earlier-page"; readonly by: number; readonly echo: "asked" | "given" }
  /** Puts the rows into another order before it answers. */
  | { readonly act: "move" }
  /** Rows arrive before it answers. */
  | { readonly act: "arrive"; readonly rows: readonly RfidproRow[] }
  /**
   * Before it answers the row goes that stands in this place of what is asked for, from 0, and another comes, so that the count is as it
   * was. A row that goes before the page moves all behind it up.
   */
  | { readonly act: "replace"; readonly place: number; readonly row: RfidproRow }
  /** Leaves rows of the page out. `returncount` says how many there are, or how many there should be. */
  | { readonly act: "lose"; readonly rows: number; readonly count: "true" | "false" }
  /** Makes something else of each row of the page. */
  | { readonly act: "drift"; readonly change: (row: RfidproRow) => unknown }
  /** Counts so many more rows than there are. */
  | { readonly act: "count"; readonly by: number }
  /** Makes something else of the whole answer. */
  | { readonly act: "answer"; readonly change: (answer: Readonly<Record<string, unknown>>) => unknown }
  /** Sends this text instead of an answer. */
  | { readonly act: "body"; readonly body: string }
  /** Sends an answer of so many bytes, without saying beforehand how many. */
  | { readonly act: "huge"; readonly bytes: number }
  /** Sends a page of so many rows, each of so many bytes, as it is made; `promised` says whether it tells beforehand how long that is. */
  | {
      readonly act: "huge-rows";
      readonly rows: number;
      readonly bytesPerRow: number;
      readonly promised: boolean;
    }
  /** Sends the answer as Latin-1, with a letter in it that is no UTF-8 then. */
  | { readonly act: "latin1" }
  /** Sends the asker elsewhere. */
  | { readonly act: "redirect"; readonly to: string };

export type RfidproFault = FaultAct & {
  /** Only with these questions; with all unless told. */
  readonly on?: { readonly set?: RfidproSet | "login"; readonly offset?: number };
  /** How many questions pass before; none unless told. */
  readonly after?: number;
  /** How often; once unless told. */
  readonly times?: number;
};

export type FaultQueue = {
  readonly add: (...faults: readonly RfidproFault[]) => void;
  readonly clear: () => void;
  /** What goes wrong with this question, if anything. */
  readonly next: (set: RfidproSet | "login" | undefined, offset: number) => FaultAct | undefined;
};

type Waiting = { readonly fault: RfidproFault; after: number; times: number };

/** Faults on demand: each is used up by the questions that it is meant for; the first that fits is taken. */
export const createFaultQueue = (): FaultQueue => {
  let waiting: Waiting[] = [];
  const isFor = ({ fault: { on } }: Waiting, set: string | undefined, offset: number): boolean =>
    (on?.set === undefined || on.set === set) && (on?.offset === undefined || on.offset === offset);
  return {
    add: (...faults) => {
      for (const fault of faults) waiting.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
    },
    clear: () => {
      waiting = [];
    },
    next: (set, offset) => {
      const own = waiting.filter((one) => isFor(one, set, offset));
      const ready = own.find(({ after }) => after === 0);
      for (const one of own) one.after = Math.max(0, one.after - 1);
      if (ready === undefined) return undefined;
      ready.times -= 1;
      waiting = waiting.filter(({ times }) => times > 0);
      return ready.fault;
    },
  };
};
