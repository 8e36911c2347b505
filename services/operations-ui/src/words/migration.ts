import type { MigrationGate, MigrationGateName, MigrationStage } from "@tagwire/messages";
import { Check, CircleHelp, type LucideIcon, X } from "lucide-react";
import type { Tone } from "../look/tone.ts";
import { countOf, durationText } from "./time.ts";

export const stageWords: Record<MigrationStage, { readonly word: string; readonly says: string }> = {
  parallel: {
    word: "In parallel",
    says: "Old and new scanners work side by side. RFIDpro is pulled when a person says so, and daily where a time of day is set for it; each pull compares both.",
  },
  switched: {
    word: "Switched",
    says: "This record is what counts. Nothing is pulled by itself any more; a person may still pull RFIDpro.",
  },
  realtime: {
    word: "Real time",
    says: "The old system is in nobody's way. It stays a witness of what was.",
  },
};

export const gateWords: Record<MigrationGateName, string> = {
  agreement: "Both agree, seven days in a row",
  findings: "No critical finding is open",
  devices: "Everybody scans here",
  lag: "Screens keep up",
};

type Verdict = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const gateVerdict = ({ met }: Pick<MigrationGate, "met">): Verdict => {
  if (met === null) return { word: "Not measured", icon: CircleHelp, tone: "inService" };
  return met ? { word: "Met", icon: Check, tone: "ready" } : { word: "Not met", icon: X, tone: "missing" };
};

const share = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 2 });

/** A value of a gate as people say it: `99.7 %`, `2 findings`, `240 ms`. */
export const gateText = ({ unit }: Pick<MigrationGate, "unit">, value: number): string => {
  switch (unit) {
    case "share":
      return share.format(value);
    case "findings":
      return countOf(value, "finding");
    case "scanners":
      return countOf(value, "old scanner");
    case "ms":
      return durationText(value);
  }
};

/** What is wanted: at least so much of a share, at most so much of all else. */
export const gateTarget = (gate: Pick<MigrationGate, "unit" | "target">): string =>
  `${gate.unit === "share" ? "at least" : "at most"} ${gateText(gate, gate.target)}`;
