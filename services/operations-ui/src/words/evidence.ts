import type { ItemChange, Observation } from "@tagwire/messages";
import { countOf } from "./time.ts";

type StrayReason = NonNullable<Observation["stray"]>;

/** Why a tag that a reader overheard is not taken to be there. */
export const strayWords: Record<StrayReason, string> = {
  weak: "too faint to be there",
  few: "heard too seldom to be there",
  elsewhere: "is at another place",
  undecided: "was at the gate and did not clearly pass it",
};

const strayWord = (reason: string): string =>
  (strayWords as Record<string, string>)[reason] ?? reason.replaceAll("_", " ");

type Evidence = Pick<NonNullable<ItemChange["scan"]>, "reads" | "peakRssiDbm" | "stray" | "station" | "tid">;

/** What a reader has to show for a scan: `9 reads, −48 dBm at best · station gate-1 · chip E2801105`. */
export const evidenceText = ({
  reads,
  peakRssiDbm,
  stray,
  station,
  tid,
}: Partial<Evidence>): string | undefined => {
  const strength =
    peakRssiDbm === undefined ? "" : `, ${peakRssiDbm < 0 ? "−" : ""}${Math.abs(peakRssiDbm)} dBm at best`;
  const parts = [
    ...(reads === undefined ? [] : [`${countOf(reads, "read")}${strength}`]),
    ...(stray === undefined ? [] : [strayWord(stray)]),
    ...(station === undefined ? [] : [`station ${station}`]),
    ...(tid === undefined ? [] : [`chip ${tid}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" · ");
};
