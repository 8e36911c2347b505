import { useEffect, useRef, useState } from "react";
import type { Answer, Refusal } from "../../api/http.ts";
import { retryDelayMs } from "../../live/back-off.ts";
import type { Reading } from "../../live/freshness.ts";
import { oneAtATime } from "../item/one-at-a-time.ts";

export type Read<T> = {
  readonly value: T | undefined;
  readonly refusal: Refusal | undefined;
  readonly reading: Reading;
};

/**
 * Reads something over HTTP, and again whenever `news` is another or `read` is: keep it the same function while it asks for the same.
 * What failed and may be tried again is, with pauses that grow.
 */
export const useReading = <T>(read: (signal: AbortSignal) => Promise<Answer<T>>, news: string): Read<T> => {
  const [value, setValue] = useState<T>();
  const [refusal, setRefusal] = useState<Refusal>();
  const [reading, setReading] = useState<Reading>({ readAtMs: undefined, failed: false });
  const readAgain = useRef<ReturnType<typeof oneAtATime>>(undefined);

  useEffect(() => {
    let failures = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const take = (answer: Answer<T>): void => {
      if (answer.kind === "ok") setValue(answer.value);
      const trouble = answer.kind === "refused" ? answer.refusal : undefined;
      setRefusal(trouble);
      const failed = trouble?.retryable === true;
      setReading(({ readAtMs }) => ({ readAtMs: failed ? readAtMs : Date.now(), failed }));
      failures = failed ? failures + 1 : 0;
      if (failed) {
        const delayMs = Math.max(trouble.retryAfterMs ?? 0, retryDelayMs(failures - 1, Math.random()));
        retry = setTimeout(task.request, delayMs);
      }
    };
    const task = oneAtATime(async (signal) => {
      clearTimeout(retry);
      const answer = await read(signal);
      if (!signal.aborted) take(answer);
    });
    readAgain.current = task;
    return () => {
      clearTimeout(retry);
      task.stop();
    };
  }, [read]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the news, and another thing to read, are the reason to read
  useEffect(() => readAgain.current?.request(), [news, read]);
  return { value, refusal, reading };
};
