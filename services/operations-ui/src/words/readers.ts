import type { DriverName, ReaderPhase, ReaderRegion } from "@tagwire/messages";
import { CircleStop, Hourglass, type LucideIcon, PlugZap, Radio, Settings2 } from "lucide-react";
import type { Tone } from "../look/tone.ts";

export type PhaseShown = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const phaseWords: Record<ReaderPhase, PhaseShown> = {
  inventory: { word: "Reading", icon: Radio, tone: "ready" },
  configuring: { word: "Setting up", icon: Settings2, tone: "inService" },
  connecting: { word: "Connecting", icon: PlugZap, tone: "inService" },
  backoff: { word: "Lost, will retry", icon: Hourglass, tone: "missing" },
  stopped: { word: "Stopped", icon: CircleStop, tone: "ended" },
};

/** Families of readers as their makers and sellers call them. */
export const driverWords: Record<DriverName, string> = {
  llrp: "LLRP (Impinj, Zebra and others)",
  mercury: "ThingMagic Mercury",
  m100: "M100, YRM100, R200",
  uhf18: "UHFReader18 (Chafon and others)",
  uhf288: "UHFReader288 (Chafon and others)",
  tsl: "TSL ASCII 2",
  lines: "Plain lines, Speedway Connect",
  impinj: "Impinj IoT interface (R700 and others)",
  zebra: "Zebra IoT Connector",
  replay: "Replay of a recording",
};

export const regionWords: Record<ReaderRegion, string> = {
  eu: "Europe",
  us: "United States",
  cn: "China",
  "cn-840": "China, 840 MHz",
  kr: "Korea",
  jp: "Japan",
  in: "India",
  au: "Australia",
  nz: "New Zealand",
};
