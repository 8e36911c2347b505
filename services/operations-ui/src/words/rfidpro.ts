import type { DatasetProgress, PullVerdict, RfidproDataset, RfidproRun } from "@tagwire/messages";
import type { LucideIcon } from "lucide-react";
import { CircleAlert, CircleCheck, CircleSlash, LoaderCircle, TriangleAlert } from "lucide-react";
import type { Tone } from "../look/tone.ts";
import { countText } from "./time.ts";

type Shown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const datasetWords: Readonly<Record<RfidproDataset, string>> = {
  classes: "Rental classes",
  items: "Items",
  transactions: "Scans",
};

const verdictWords: Readonly<Record<PullVerdict, Shown>> = {
  complete: { word: "Complete", icon: CircleCheck, tone: "ready" },
  partial: { word: "Not complete", icon: TriangleAlert, tone: "inService" },
  unstable: { word: "Not reliable", icon: TriangleAlert, tone: "inService" },
  failed: { word: "Failed", icon: CircleAlert, tone: "missing" },
};
const reading: Shown = { word: "Reading", icon: LoaderCircle, tone: "out" };
const cancelled: Shown = { word: "Cancelled", icon: CircleSlash, tone: "ended" };

/** How a pull stands, in a word. */
export const stateWords = ({ state, verdict }: Pick<RfidproRun, "state" | "verdict">): Shown => {
  if (state === "cancelled") return cancelled;
  return verdict === null ? reading : verdictWords[verdict];
};

/** How far a data set is. */
export const farnessText = ({ rows, total, requests, passes, verdict, since }: DatasetProgress): string => {
  if (requests === 0) return verdict === null ? "waits" : "not read";
  const of = total === null ? "" : ` of ${countText(total)}`;
  const isNew = since == null ? "" : " new";
  return `${countText(rows)}${of}${isNew}${passes > 1 ? `, read for the ${passes}. time` : ""}`;
};

/** How far a data set is, from 0 to 1; undefined while nobody can say. */
export const shareOf = ({ rows, total, verdict }: DatasetProgress): number | undefined => {
  if (verdict === "complete") return 1;
  return total === null || total === 0 ? undefined : Math.min(1, rows / total);
};
