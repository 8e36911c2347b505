import type { ScanSessionAct } from "@tagwire/emulators";
import { newId, type Receipt } from "@tagwire/messages";
import { scanOf } from "../day-calls.ts";

const forcedBecause = "it stands before me";

/**
 * Whoever is refused sees it at once, and does what the page says: scans the thing in, then forces what they meant, and says why. Each answer
 * names the scan that was refused where it is what the person meant.
 */
export const answersTo = (
  act: ScanSessionAct,
  receipts: readonly Receipt[],
): { readonly scan: object; readonly means: string | undefined }[] => {
  const refused = new Set(receipts.flatMap(({ id, code }) => (code === "transition_refused" ? id : [])));
  return act.scans
    .filter(({ id }, index) => refused.has(id) && act.scans.findIndex((one) => one.id === id) === index)
    .flatMap((scan) => [
      { scan: scanOf({ ...scan, id: newId(), type: "return" }, act.session.id), means: undefined },
      {
        scan: { ...scanOf({ ...scan, id: newId() }, act.session.id), force: true, reason: forcedBecause },
        means: scan.id,
      },
    ]);
};

/** Scans that were refused and have no answer of a person, each with its code: their events say that they were made, and no more. */
export const leftRefused = (
  receipts: readonly Receipt[],
  answered: ReadonlySet<string | undefined>,
): (readonly [string, string])[] =>
  receipts.flatMap(({ id, outcome, code }) =>
    outcome === "rejected" && !answered.has(id) ? [[id, code ?? "no code"] as const] : [],
  );

/** How many scans were left refused, and for what: `3 (contract_closed 2, session_closed 1)`. */
export const refusedWords = (refused: ReadonlyMap<string, string>): string => {
  const counts = new Map<string, number>();
  for (const code of refused.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
  const parts = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return parts.length === 0
    ? "0"
    : `${refused.size} (${parts.map(([code, count]) => `${code} ${count}`).join(", ")})`;
};
