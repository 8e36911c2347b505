import type { ReaderPhase } from "@tagwire/messages";
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
