import { useCallback, useEffect, useEffectEvent, useState } from "react";
import type { Answer } from "../../api/http.ts";

export type Listed<Row> = {
  /** Undefined until it is known. */
  readonly rows: readonly Row[] | undefined;
  readonly wrong: string | undefined;
  readAgain(): void;
};

/** A list that is read when it is shown, whenever something was changed, and by itself each `everyMs` where that is told. */
export const useListed = <Row>(
  fetchRows: (signal: AbortSignal) => Promise<Answer<{ readonly data: readonly Row[] }>>,
  { key = "", everyMs }: { readonly key?: string; readonly everyMs?: number } = {},
): Listed<Row> => {
  const [rows, setRows] = useState<readonly Row[]>();
  const [wrong, setWrong] = useState<string>();
  const [reads, setReads] = useState(0);
  const readAgain = useCallback(() => setReads((count) => count + 1), []);
  const ask = useEffectEvent(fetchRows);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each count is another look, and so is another key
  useEffect(() => {
    const leave = new AbortController();
    void ask(leave.signal).then((answer) => {
      if (leave.signal.aborted) return;
      if (answer.kind === "ok") setRows(answer.value.data);
      setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    });
    const timer = everyMs === undefined ? undefined : setTimeout(readAgain, everyMs);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [key, reads, everyMs, readAgain]);
  return { rows, wrong, readAgain };
};
