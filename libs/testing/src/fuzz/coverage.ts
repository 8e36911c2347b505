import { type Profiler, Session } from "node:inspector";

export type Reached = {
  /** How many blocks are known: where the engine has seen its count differ from what stands around it. */
  readonly known: number;
  /** Of these, the ones that have run. */
  readonly blocks: number;
};

export type Coverage = {
  /** Whether something ran since the last time that had never run. It is new until it is taken in. */
  readonly hasNews: () => boolean;
  /** The same, and takes it in. */
  readonly takeNews: () => boolean;
  readonly reached: () => Reached;
  readonly close: () => void;
};

type FunctionMap = { readonly ran: Uint8Array; readonly starts: Set<number> };

/** What is not ours, what serves tests, and the hunter itself are no part of a parser. */
const isParser = (url: string): boolean =>
  url.startsWith("file:") && !/\/node_modules\/|\/test-|\/libs\/testing\/src\/fuzz\/(?!planted)/.test(url);

/**
 * Counts which blocks of our sources run, as V8 itself counts them.
 *
 * V8 tells a block only where its count differs from the block around it, so blocks have no lasting names: what lasts are the places in
 * the source, and what is new is a place that had never run. Open it before the files are loaded: code that was compiled without counters
 * is counted by whole functions.
 */
export const openCoverage = (): Coverage => {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const functions = new Map<string, FunctionMap>();

  const take = (): readonly Profiler.ScriptCoverage[] => {
    let result: readonly Profiler.ScriptCoverage[] = [];
    session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      result = taken.result;
    });
    return result.filter(({ url }) => isParser(url));
  };
  const mapOf = (url: string, { startOffset, endOffset }: Profiler.CoverageRange): FunctionMap => {
    const key = `${url} ${startOffset} ${endOffset}`;
    const known = functions.get(key);
    if (known !== undefined) return known;
    const made = { ran: new Uint8Array(endOffset - startOffset), starts: new Set([0]) };
    functions.set(key, made);
    return made;
  };
  /** Ranges come from the outside in, so the last word on a place is the innermost one's. */
  const isFunctionNew = (url: string, { ranges }: Profiler.FunctionCoverage, isTaken: boolean): boolean => {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return false;
    const { ran, starts } = mapOf(url, whole);
    const now = new Uint8Array(ran.length);
    for (const { startOffset, endOffset, count } of ranges) {
      now.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
      starts.add(startOffset - whole.startOffset);
    }
    const isNew = now.some((one, at) => one === 1 && ran[at] === 0);
    if (isNew && isTaken)
      for (let at = 0; at < ran.length; at += 1) ran[at] = (ran[at] ?? 0) | (now[at] ?? 0);
    return isNew;
  };
  const look = (isTaken: boolean): boolean => {
    let found = false;
    for (const { url, functions: ranFunctions } of take())
      for (const one of ranFunctions) found = isFunctionNew(url, one, isTaken) || found;
    return found;
  };

  return {
    hasNews: () => look(false),
    takeNews: () => look(true),
    reached: () => {
      let [known, blocks] = [0, 0];
      for (const { ran, starts } of functions.values()) {
        known += starts.size;
        for (const start of starts) blocks += ran[start] as number;
      }
      return { known, blocks };
    },
    close: () => {
      session.post("Profiler.stopPreciseCoverage");
      session.disconnect();
    },
  };
};
