import type { MigrationGate, MigrationGateName, MigrationStage, RfidproOldScanner } from "@tagwire/messages";

/** Both must agree on so large a share of what was compared … */
export const agreementMin = 0.995;
/** … on each of so many whole days in a row, and on what there is of today. */
export const agreementDays = 7;
/** Scanners of the old system have to have been silent for so long. */
export const silentDays = 7;
/** Of a hundred changes ninety-nine are on a screen within this time after they were recorded, in ms. */
export const screenLagMsMax = 1_000;
/** Fewer screens' words than this have no ninety-ninth of a hundred: then each of them has to be in time, which is stricter … */
export const screenSamplesForShare = 100;
/** … and fewer than this say nothing: a house in which hardly anything happened was not tried. */
export const screenSamplesMin = 10;
/** A pull that is older says nothing of who scans today, in ms. */
export const pullAgeMsMax = 36 * 3_600_000;
/** The same of an audit, in ms. */
export const auditAgeMsMax = 3_600_000;

/** What somebody was asked, or why they could not say. */
export type Told<T> = T | { readonly unknown: string };
const isUnknown = <T extends object>(told: Told<T>): told is { readonly unknown: string } =>
  "unknown" in told;

export type AgreementDay = { readonly day: string; readonly runs: number; readonly worst: number | null };

/** What the gates are measured on. */
export type Sightings = {
  /** Oldest first, the last one being today in the site's own days. */
  readonly agreement: Told<{ readonly days: readonly AgreementDay[] }>;
  readonly findings: Told<{
    readonly critical: number;
    readonly auditedAt: string | null;
    readonly whole: boolean;
  }>;
  /** Who handed in at RFIDpro, by the newest whole and compared pull, and how many devices at ours. */
  readonly devices: Told<{
    readonly pulledAt: string | null;
    /** Whoever scanned with an old scanner, the last one first. */
    readonly oldScanners: readonly RfidproOldScanner[];
    /** Devices that handed in here in these days. */
    readonly webScanners: number;
  }>;
  readonly lag: Told<{
    readonly samples: number;
    readonly p99Ms: number | null;
    readonly maxMs: number | null;
  }>;
};

type Reading = Pick<MigrationGate, "met" | "value" | "why" | "asOf">;
const unknown = (why: string): Reading => ({ met: null, value: null, why, asOf: null });

const agreementOf = ({ agreement }: Sightings): Reading => {
  if (isUnknown(agreement)) return unknown(agreement.unknown);
  const days = agreement.days.slice(-agreementDays - 1);
  const whole = days.slice(0, -1);
  const without = whole.filter(({ runs, worst }) => runs === 0 || worst === null).map(({ day }) => day);
  if (whole.length < agreementDays || without.length > 0)
    return unknown(`no whole pull was compared on ${without.join(", ") || "some of these days"}`);
  const worst = Math.min(...days.flatMap((day) => day.worst ?? []));
  const runs = days.reduce((sum, day) => sum + day.runs, 0);
  const last = days.findLast((day) => day.runs > 0)?.day ?? "";
  const why = `the least of ${runs} comparisons since ${days[0]?.day}, the last one on ${last}; what was imported from RFIDpro counts among what agrees`;
  return { met: worst >= agreementMin, value: worst, why, asOf: null };
};

const isOlderThan = (at: string, ageMs: number, nowMs: number): boolean => nowMs - Date.parse(at) > ageMs;

const findingsOf = ({ findings }: Sightings, nowMs: number): Reading => {
  if (isUnknown(findings)) return unknown(findings.unknown);
  const { critical, auditedAt, whole } = findings;
  if (auditedAt === null || isOlderThan(auditedAt, auditAgeMsMax, nowMs))
    return unknown("no audit was made within the last hour");
  if (!whole) return unknown("the last audit did not come to its end");
  return { met: critical === 0, value: critical, why: "critical findings that are open", asOf: auditedAt };
};

/** So many old scanners are named in a sentence; all of them are in the report. */
const namedMax = 8;
const nameLengthMax = 40;

const namesOf = (oldScanners: readonly RfidproOldScanner[]): string => {
  const named = oldScanners
    .slice(0, namedMax)
    .map(
      ({ name, scans, lastAt }) =>
        `${name.slice(0, nameLengthMax)} (${scans}, the last at ${lastAt.slice(0, 16).replace("T", " ")} UTC)`,
    );
  const more = oldScanners.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
};

/**
 * All devices are on the web scanner when RFIDpro took no scan from anybody in a week: ours never tell it anything, so each that it has was made
 * with an old scanner, also where the same was scanned here besides. And somebody scans with ours: a house in which nobody works proves nothing.
 */
const devicesOf = ({ devices }: Sightings, nowMs: number): Reading => {
  if (isUnknown(devices)) return unknown(devices.unknown);
  const { pulledAt, oldScanners, webScanners } = devices;
  if (pulledAt === null || isOlderThan(pulledAt, pullAgeMsMax, nowMs))
    return unknown("no whole pull was compared within the last day and a half");
  if (webScanners === 0) return unknown(`nobody scanned here in ${silentDays} days`);
  const said =
    oldScanners.length === 0
      ? `RFIDpro took no scan from anybody in ${silentDays} days`
      : `with old scanners in ${silentDays} days: ${namesOf(oldScanners)}`;
  const value = oldScanners.length;
  return { met: value === 0, value, why: `${said}; ${webScanners} devices scan here`, asOf: pulledAt };
};

const lagOf = ({ lag }: Sightings, nowMs: number): Reading => {
  if (isUnknown(lag)) return unknown(lag.unknown);
  const { samples, p99Ms, maxMs } = lag;
  const isShare = samples >= screenSamplesForShare;
  const value = isShare ? p99Ms : maxMs;
  if (value === null || samples < screenSamplesMin)
    return unknown(
      `screens said ${samples} times in a day how late they were, and ${screenSamplesMin} are needed: leave a screen of this site open while people scan`,
    );
  const why = isShare
    ? `from the record to a screen, 99 of 100 of ${samples} times in a day`
    : `from the record to a screen, the slowest of ${samples} times in a day: under ${screenSamplesForShare} each counts`;
  return { met: value <= screenLagMsMax, value, why, asOf: new Date(nowMs).toISOString() };
};

/**
 * Which gates hold a step. Once nothing is pulled by itself any more there is no agreement of seven days to be measured, and it was, before
 * the step that ended it; the last step has nothing behind it.
 */
const needed: Readonly<Record<MigrationStage, ReadonlySet<MigrationGateName>>> = {
  parallel: new Set(["agreement", "findings", "devices", "lag"]),
  switched: new Set(["findings", "devices", "lag"]),
  realtime: new Set(),
};

/** Every gate with its value, its target, and whether the next step from a stage waits for it. */
export const measureGates = (stage: MigrationStage, seen: Sightings, nowMs: number): MigrationGate[] => {
  const gate = (
    name: MigrationGateName,
    { target, unit }: Pick<MigrationGate, "target" | "unit">,
    reading: Reading,
  ): MigrationGate => ({ name, ...reading, needed: needed[stage].has(name), target, unit });
  return [
    gate("agreement", { target: agreementMin, unit: "share" }, agreementOf(seen)),
    gate("findings", { target: 0, unit: "findings" }, findingsOf(seen, nowMs)),
    gate("devices", { target: 0, unit: "scanners" }, devicesOf(seen, nowMs)),
    gate("lag", { target: screenLagMsMax, unit: "ms" }, lagOf(seen, nowMs)),
  ];
};
