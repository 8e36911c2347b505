import { Fault, type ReaderPhase, type TestRead } from "@tagwire/messages";
import type { FrameTally } from "../actors/ledger.ts";
import { hearTested, newTested, type Tested, testedTags } from "../actors/tested.ts";
import type { TagRead } from "../drivers/driver.ts";

/** A test read of one reader, while there is one. */
export type Testing = {
  /**
   * Listens for so many seconds; what is heard meanwhile is told and becomes nothing else.
   *
   * @throws Fault `reader.idle` when the reader does not read, or stops meanwhile; `reader.busy` when it is tested already.
   */
  readonly begin: (phase: ReaderPhase, seconds: number) => Promise<Omit<TestRead, "reader">>;
  /** What the ledger is to have of these reads; undefined when nobody tests, and they are as any others. */
  readonly hear: (reads: readonly TagRead[]) => readonly FrameTally[] | undefined;
  /** The reader came into another phase: where it does not read, no test goes on. */
  readonly entered: (phase: ReaderPhase) => void;
};

type Running = { readonly tested: Tested; readonly end: (fault: Fault) => void };

export const createTesting = (): Testing => {
  let running: Running | undefined;

  const begin = async (phase: ReaderPhase, seconds: number) => {
    if (running !== undefined) throw new Fault("reader.busy", "a test read is under way");
    if (phase !== "inventory") throw new Fault("reader.idle", `it is ${phase}`);
    const tested = newTested();
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    running = { tested, end: reject };
    const timer = setTimeout(resolve, seconds * 1_000);
    try {
      await over;
      return { seconds, reads: tested.reads, tags: testedTags(tested) };
    } finally {
      clearTimeout(timer);
      running = undefined;
    }
  };

  return {
    begin,
    hear: (reads) => (running === undefined ? undefined : hearTested(running.tested, reads)),
    entered: (phase) => {
      if (phase !== "inventory") running?.end(new Fault("reader.idle", "it stopped while it was tested"));
    },
  };
};
