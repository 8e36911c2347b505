import {
  ArrowUp,
  CloudOff,
  HardDrive,
  KeyRound,
  type LucideIcon,
  RefreshCw,
  TriangleAlert,
} from "lucide-react";
import type { Tone } from "../look/tone.ts";
import type { OutboxState } from "../outbox/outbox.ts";
import type { Persistence } from "../outbox/persistence.ts";
import { countOf, countText } from "./time.ts";

type Queue = Pick<
  OutboxState,
  "waiting" | "absent" | "attention" | "held" | "storage" | "needsSignIn" | "isFailing" | "own"
>;

export type QueueShown = {
  readonly icon: LucideIcon;
  readonly word: string;
  /** What follows the word, and is not seen on a phone: there the name of the site needs the room. */
  readonly rest?: string;
  readonly tone: Tone;
};

/** What the queue has to say in the header: the worst first, and nothing when nothing waits. */
export const queueShown = (queue: Queue, isReached: boolean): QueueShown | undefined => {
  const { waiting, own, absent, attention, storage, needsSignIn, isFailing } = queue;
  const count = countText(waiting);
  if (storage === "away") return { icon: HardDrive, word: "Storage problem", tone: "missing" };
  if (attention.length > 0) {
    const count = countText(attention.length);
    const rest = attention.length === 1 ? "needs attention" : "need attention";
    // What waits for a person may wait for days; that nothing new comes in meanwhile must not hide behind it.
    return isReached
      ? { icon: TriangleAlert, word: `${count} ${rest}`, tone: "missing" }
      : { icon: CloudOff, word: `Offline · ${count}`, rest, tone: "missing" };
  }
  if (waiting === 0) return undefined;
  const saved = { rest: "saved here", tone: "inService" } as const;
  if (!isReached) return { icon: CloudOff, word: `Offline · ${count}`, ...saved };
  if (needsSignIn || (own === 0 && absent.length > 0))
    return { icon: KeyRound, word: `Sign in to send ${count}`, tone: "inService" };
  if (isFailing) return { icon: RefreshCw, word: `No answer · ${count}`, ...saved };
  return { icon: ArrowUp, word: `Sending ${count}`, tone: "ended" };
};

/** The same for those who listen: without numbers, so that it is said once. */
export const queueSaid = (queue: Queue, isReached: boolean): string => {
  if (queue.storage === "away") return "This device cannot save scans.";
  if (queue.attention.length > 0)
    return `${isReached ? "" : "Offline. "}Scans need attention: see the queue.`;
  if (queue.waiting > 0 && !isReached) return "Offline. Scans are saved on this device.";
  if (queue.needsSignIn) return "Sign in to send the scans that are saved on this device.";
  return "";
};

export const persistenceWords: Readonly<Record<Persistence, string>> = {
  persisted: "The browser keeps what is saved here until it is sent.",
  "best-effort":
    "The browser may clear what is saved here when it is short of room, or after days without a visit. Install the page as an app, and send soon.",
  unknown: "The browser does not say whether it keeps what is saved here.",
};

/** What waits, in a sentence. */
export const waitingText = ({ waiting, held }: Queue): string => {
  if (waiting === 0) return "Everything that was scanned on this device has its answer.";
  return `${countOf(waiting, "scan")} without an answer yet${held > 0 ? `, ${countText(held)} in memory only` : ""}.`;
};

/** Why a scan waits for a person. */
export const troubleText = (code: string, message: string): string => {
  if (code === "server_error" || code === "internal" || code === "timeout" || code === "outcome_unknown")
    return "The server fails over this scan, and takes others.";
  return message === "" ? `The server does not take it: ${code.replaceAll("_", " ")}.` : message;
};
