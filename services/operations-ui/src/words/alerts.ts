import type { AlertChangeKind, AlertKind, AlertState, Severity } from "@tagwire/messages";
import {
  BellOff,
  BellRing,
  CircleCheck,
  Info,
  type LucideIcon,
  OctagonAlert,
  TriangleAlert,
  UserCheck,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";
import { findingWord } from "./findings.ts";

export type AlertShown = { readonly icon: LucideIcon; readonly word: string; readonly tone: Tone };

export const kindWords: Record<AlertKind, { readonly word: string; readonly says: string }> = {
  stale: { word: "Not seen for long", says: "Items that nothing has scanned for so many days." },
  overdue: { word: "Overdue", says: "Contracts that are past their day and not all back." },
  missing: { word: "Missing", says: "Items that are missing." },
  queue_age: { word: "Waits in service", says: "Items that stay in a queue of service for too long." },
  reader_silent: { word: "Reader silent", says: "Readers that take no inventory, or hear nothing." },
  finding_opened: {
    word: "Finding",
    says: "Findings that nobody has settled, of audits and of tags that nobody knows.",
  },
  webhook_failing: { word: "Webhook failing", says: "Endpoints that do not take what is delivered." },
  threshold: { word: "Threshold", says: "Any figure of the dashboard or of a board beyond a value." },
};

export const alertStateWords: Record<AlertState, AlertShown> = {
  raised: { icon: BellRing, word: "Raised", tone: "missing" },
  escalated: { icon: BellRing, word: "Escalated", tone: "missing" },
  acknowledged: { icon: UserCheck, word: "Taken up", tone: "out" },
  snoozed: { icon: BellOff, word: "Snoozed", tone: "ended" },
  resolved: { icon: CircleCheck, word: "Over", tone: "ready" },
};

export const severityShown: Record<Severity, AlertShown> = {
  critical: { icon: OctagonAlert, word: "Critical", tone: "missing" },
  warning: { icon: TriangleAlert, word: "Warning", tone: "inService" },
  info: { icon: Info, word: "Info", tone: "out" },
};

export const changeWords: Record<AlertChangeKind, string> = {
  raised: "Raised",
  grew: "Grew",
  shrank: "Shrank",
  acknowledged: "Taken up",
  snoozed: "Snoozed",
  woke: "Woke up",
  escalated: "Escalated",
  resolved: "Over",
  reopened: "Came back",
};

/** Within what an alert gathers: findings by what is wrong, all else as its rule names it. */
export const groupWord = (kind: AlertKind, group: string): string =>
  kind === "finding_opened" ? findingWord(group) : group;

/** What is said of who was told. */
export const channelWords: Readonly<Record<string, string>> = {
  in_app: "this app",
  email: "e-mail",
  push: "push",
  webhook: "webhooks",
};
