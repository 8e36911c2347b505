import { Fault, type Outcome } from "@tagwire/messages";
import type { Act } from "./act.ts";
import { deviceOf } from "./session-parts.ts";
import type { Answer } from "./site.ts";

/** What a turn decided of the scans of one device. */
export type DeviceTally = {
  readonly device: string;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The device's own numbers of its scans, each once. */
  readonly seqs: readonly number[];
  /** How often a number came under more than one scan. */
  readonly reused: number;
  /** How far its clock is ahead, in ms: of several requests, as the one says that was least long on its way. */
  readonly offsetMs: number | null;
  readonly lastAt: string;
};

type Scanned = { readonly act: Extract<Act, { kind: "scan" }>; readonly outcome: Outcome };

/** The device that counted a scan or handed it in, or the person who did without one. Readers have ledgers of their own. */
const holderOf = ({ evidence, origin, countedBy }: Scanned["act"]): string | undefined =>
  evidence === undefined ? deviceOf(origin.by, countedBy) : undefined;

const tallyOf = (device: string, scans: readonly Scanned[]): DeviceTally => {
  const outcomes = { accepted: 0, already_applied: 0, rejected: 0, quarantined: 0 };
  for (const { outcome } of scans) outcomes[outcome] += 1;
  const numbered = scans.flatMap(({ act }) => act.scan.seq ?? []);
  const offsets = scans.flatMap(({ act }) => act.clockOffsetMs ?? []);
  return {
    device,
    outcomes,
    seqs: [...new Set(numbered)],
    reused: numbered.length - new Set(numbered).size,
    offsetMs: offsets.length === 0 ? null : offsets.reduce((most, one) => Math.max(most, one)),
    lastAt: scans.map(({ act }) => act.origin.receivedAt).reduce((last, at) => (at > last ? at : last)),
  };
};

/** Adds up what became of the scans of a turn by who handed them in. What was answered before was counted before. */
export const tallyDevices = (acts: readonly Act[], answers: readonly (Answer | Fault)[]): DeviceTally[] => {
  const scans = acts.flatMap((act, index): Scanned[] => {
    const answer = answers[index];
    if (act.kind !== "scan" || answer === undefined || answer instanceof Fault) return [];
    return answer.receipt.replayed ? [] : [{ act, outcome: answer.receipt.outcome }];
  });
  return [...Map.groupBy(scans, ({ act }) => holderOf(act))].flatMap(([device, own]) =>
    device === undefined ? [] : [tallyOf(device, own)],
  );
};
