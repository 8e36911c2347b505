import { useEffect, useRef, useState } from "react";
import { paced } from "../../live/paced.ts";
import { useLive } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { type Heard, hearMore } from "./nearness.ts";

/** A bar that moves ten times a second follows a hand; more only costs the battery. */
const shownEveryMs = 100;

export type Finding = {
  readonly heard: ReadonlyMap<string, Heard>;
  /** Readers that read; undefined until that is known. */
  readonly reading: number | undefined;
  /** Why nothing is looked for. */
  readonly wrong: string | undefined;
  readonly nowMs: number;
};

const nothing: Finding = { heard: new Map(), reading: undefined, wrong: undefined, nowMs: 0 };

/** Listens for tags as long as it is shown. What is heard is kept no longer than anybody can use it. */
export const useFind = (tags: readonly string[]): Finding => {
  const live = useLive();
  const { id: site } = useSite();
  const now = useRef(nothing);
  const [shown, setShown] = useState(nothing);
  const wanted = JSON.stringify(tags);
  useEffect(() => {
    const show = paced(() => setShown({ ...now.current, nowMs: Date.now() }), shownEveryMs);
    const set = (change: Partial<Finding>): void => {
      now.current = { ...now.current, ...change };
      show.run();
    };
    // A tag that falls silent says nothing: the bar has to fall by itself.
    const beat = setInterval(show.run, shownEveryMs * 2);
    const sought = JSON.parse(wanted) as string[];
    const stop =
      sought.length === 0
        ? undefined
        : live.find(
            { site, tags: sought },
            {
              found: ({ reads, reading }) =>
                set({ heard: hearMore(now.current.heard, reads, Date.now()), reading, wrong: undefined }),
              lost: () => set({ reading: undefined }),
              refused: (message) => set({ wrong: message }),
            },
          );
    set({ wrong: undefined });
    return () => {
      clearInterval(beat);
      show.cancel();
      stop?.();
    };
  }, [live, site, wanted]);
  return shown;
};
