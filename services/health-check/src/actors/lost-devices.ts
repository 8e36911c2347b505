import { type DeviceLedger, incarnationMark, type KeptReport, ledgerNameOf } from "@tagwire/messages";
import type { Sighting } from "./sighting.ts";

/** The ledger of an incarnation. A device that learned its name late handed in under another one: the mark is what counts. */
const ledgerOf = (ledgers: readonly DeviceLedger[], { device }: KeptReport): DeviceLedger | undefined =>
  ledgers.find((ledger) => ledger.device.endsWith(incarnationMark(device.incarnation)));

/** How many of the scans that an incarnation has made never came, less those that somebody there discarded. */
const notCome = (ledger: DeviceLedger | undefined, { headSeq, discarded = [] }: KeptReport): number => {
  const { counted = 0, missing = 0 } = ledger ?? {};
  const beyond = Math.max(0, headSeq - counted);
  return Math.max(0, missing + beyond - discarded.length);
};

/** Whether the same device has reported since as another incarnation: what this one held is gone with its memory. */
const isFollowed = (one: KeptReport, reports: readonly KeptReport[]): boolean =>
  reports.some(
    (other) =>
      other.device.id === one.device.id &&
      other.device.incarnation !== one.device.incarnation &&
      other.firstAt > one.reportedAt,
  );

/**
 * Devices that lost their memory with scans in it, and those that have made scans which neither came nor wait there any more: the last of a
 * count leave no hole in it, so only the device itself can say that there were any.
 */
export const lostDevices = (ledgers: readonly DeviceLedger[], reports: readonly KeptReport[]): Sighting[] =>
  reports.flatMap((report): Sighting[] => {
    const ledger = ledgerOf(ledgers, report);
    const lost = notCome(ledger, report);
    if (lost === 0) return [];
    const about = { entity: "device", key: ledger?.device ?? ledgerNameOf(report.device) };
    const seen = `${report.headSeq} made by ${report.reportedAt}, when ${report.queued} waited there`;
    if (isFollowed(report, reports))
      return [
        {
          ...{ ...about, code: "device_lost", isCertain: true },
          evidence: { detail: `${lost} of its scans never came, and its memory was lost: ${seen}` },
        },
      ];
    // What is on its way when it reports, and is overtaken, has come by the next audit.
    if (lost <= report.queued || (ledger?.missing ?? 0) > 0) return [];
    return [
      {
        ...{ ...about, code: "read_gap", isCertain: false },
        evidence: { detail: `${lost - report.queued} of its last scans never came: ${seen}` },
      },
    ];
  });

/** A report older than this says nothing of now, in ms. */
const believedForMs = 3_600_000;

/** What of the gaps of a ledger is no loss: scans that wait on the device, as it said a while ago, or that somebody there discarded. */
export const explainedGaps = (
  { device }: DeviceLedger,
  reports: readonly KeptReport[],
  at: string,
): {
  readonly waiting: number;
  readonly discarded: ReadonlySet<number>;
  /** Then that is what is told. */
  readonly isLost: boolean;
} => {
  const own = reports.find((report) => device.endsWith(incarnationMark(report.device.incarnation)));
  const discarded = new Set((own?.discarded ?? []).map(({ seq }) => seq));
  const isLost = own !== undefined && isFollowed(own, reports);
  const isBelieved =
    own !== undefined && !isLost && Date.parse(at) - Date.parse(own.reportedAt) < believedForMs;
  return { waiting: isBelieved ? own.queued : 0, discarded, isLost };
};
