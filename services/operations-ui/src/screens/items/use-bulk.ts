import type { Item } from "@tagwire/messages";
import { useEffect, useRef, useState } from "react";
import type { ItemChange } from "../../api/items.ts";
import { useSite } from "../../site-context.ts";
import { type BulkOutcome, changeAll } from "./bulk-change.ts";

export type Bulk = {
  readonly outcomes: readonly BulkOutcome[];
  /** How many are meant to be changed. */
  readonly of: number;
  readonly isBusy: boolean;
  run(items: readonly Item[], change: ItemChange): void;
  /** Lets what is under way end, and begins nothing more. */
  stop(): void;
  clear(): void;
};

/** One act on several things, and what has become of each so far. It ends with the panel. */
export const useBulk = (): Bulk => {
  const site = useSite();
  const [outcomes, setOutcomes] = useState<readonly BulkOutcome[]>([]);
  const [of, setOf] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const leave = useRef<AbortController>(undefined);
  useEffect(() => () => leave.current?.abort(), []);
  const run = async (items: readonly Item[], change: ItemChange): Promise<void> => {
    const own = new AbortController();
    leave.current = own;
    setOf(items.length);
    setBusy(true);
    const onOutcome = (outcome: BulkOutcome): void => setOutcomes((before) => [...before, outcome]);
    await changeAll({ site: site.id, change, signal: own.signal, onOutcome }, items);
    setBusy(false);
  };
  return {
    ...{ outcomes, of, isBusy },
    run: (items, change) => void run(items, change),
    stop: () => leave.current?.abort(),
    clear: () => setOutcomes([]),
  };
};
