import type { DeviceLedger } from "@tagwire/messages";
import { useEffect, useRef, useState } from "react";
import { fetchDeviceLedgers, fetchHeads, type SiteHeads } from "../../api/agreement.ts";
import type { ViewSnapshot } from "../../live/subscription.ts";
import { useView } from "../../live/use-live.ts";

type Ledgers = {
  /** How new this is, and whether it still is. */
  readonly snapshot: ViewSnapshot;
  readonly ledgers: readonly DeviceLedger[];
  readonly heads: SiteHeads | undefined;
  /** Why they did not come. */
  readonly wrong: string | undefined;
};

/** While scans pour in the ledgers are looked at so often, and once more after the last. */
const betweenLooksMs = 1_000;

/** The ledgers of devices, looked at again whenever the site has moved. */
export const useLedgers = (site: string): Ledgers => {
  const snapshot = useView(site, "dashboard");
  const [told, setTold] = useState<Pick<Ledgers, "ledgers" | "heads" | "wrong">>({
    ledgers: [],
    heads: undefined,
    wrong: undefined,
  });
  const lookedAt = useRef(0);
  const { pos } = snapshot;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved is looked at again
  useEffect(() => {
    const leave = new AbortController();
    const look = async (): Promise<void> => {
      lookedAt.current = Date.now();
      const [heads, ledgers] = await Promise.all([
        fetchHeads(site, leave.signal),
        fetchDeviceLedgers(site, leave.signal),
      ]);
      if (leave.signal.aborted) return;
      const refused = [heads, ledgers].find(({ kind }) => kind === "refused");
      setTold((before) => ({
        heads: heads.kind === "ok" ? heads.value : before.heads,
        ledgers: ledgers.kind === "ok" ? ledgers.value.data : before.ledgers,
        wrong: refused?.kind === "refused" ? refused.refusal.message : undefined,
      }));
    };
    const timer = setTimeout(() => void look(), Math.max(0, lookedAt.current + betweenLooksMs - Date.now()));
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [site, pos]);
  return { snapshot, ...told };
};
