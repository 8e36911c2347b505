import type { DeviceLedger } from "@tagwire/messages";
import { useEffect, useRef, useState } from "react";
import { fetchDeviceLedgers, fetchHeads, type SiteHeads } from "../../api/agreement.ts";
import type { ViewSnapshot } from "../../live/subscription.ts";
import { useView } from "../../live/use-live.ts";

type Told = {
  readonly ledgers: readonly DeviceLedger[];
  /** Whether there are more devices than are asked for. */
  readonly isPart: boolean;
  readonly heads: SiteHeads | undefined;
  /** Why they did not come. */
  readonly wrong: string | undefined;
};
type Ledgers = Told & {
  /** How new this is, and whether it still is. */
  readonly snapshot: ViewSnapshot;
};

/** While scans pour in the ledgers are looked at so often, and once more after the last. */
const betweenLooksMs = 1_000;
/** Not all that becomes of scans moves the site: what is refused, or known already, is no event. So they are looked at at least so often. */
const everyLookMs = 5_000;

/** The ledgers of devices, looked at again whenever the site has moved, and every five seconds. */
export const useLedgers = (site: string): Ledgers => {
  const snapshot = useView(site, "dashboard");
  const [told, setTold] = useState<Told>({ ledgers: [], isPart: false, heads: undefined, wrong: undefined });
  const lookedAt = useRef(0);
  const { pos } = snapshot;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what has moved is looked at again
  useEffect(() => {
    const leave = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
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
        isPart: ledgers.kind === "ok" ? ledgers.value.nextCursor !== null : before.isPart,
        wrong: refused?.kind === "refused" ? refused.refusal.message : undefined,
      }));
      timer = setTimeout(() => void look(), everyLookMs);
    };
    timer = setTimeout(() => void look(), Math.max(0, lookedAt.current + betweenLooksMs - Date.now()));
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [site, pos]);
  return { snapshot, ...told };
};
