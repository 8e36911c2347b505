import Type, { type Static, type TSchema } from "typebox";
import { ClientId, Instant, SiteId, storableText } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Names that a device goes by where no credential gives it one. */
export const deviceIdPattern = "^[a-z0-9][a-z0-9-]{0,39}$";

/**
 * Which device hands scans in, where its credential does not say it, and which life of it: a device whose memory was lost counts from 1
 * again, as another incarnation.
 */
export const CountingDevice = Type.Object(
  {
    id: Type.String({
      pattern: deviceIdPattern,
      description: "the name that the device goes by",
    }),
    incarnation: ClientId,
  },
  { additionalProperties: false },
);
export type CountingDevice = Static<typeof CountingDevice>;

/** So much of the end of an incarnation's id tells it from the others of a device: the random part of a UUIDv7. */
const incarnationDigits = 8;

/** What of the name of a ledger tells the incarnation. */
export const incarnationMark = (incarnation: string): string =>
  `#${incarnation.toLowerCase().slice(-incarnationDigits)}`;

/** The name under which what became of an incarnation's scans is counted. */
export const ledgerNameOf = ({ id, incarnation }: CountingDevice): string =>
  `${id}${incarnationMark(incarnation)}`;

/** So many scans that somebody discarded on a device are told in one report; the newest. */
export const discardsToldMax = 200;

export const deviceStorages = ["persisted", "best-effort", "unknown"] as const;

/**
 * What a device says of itself from time to time: what it has made at a site, and what of it has no answer yet. So it is seen from afar when
 * it loses scans, and when it is lost with them.
 */
export const DeviceReport = Type.Object(
  {
    device: CountingDevice,
    headSeq: Type.Integer({ minimum: 0, description: "the number of its last scan at the site" }),
    queued: Type.Integer({ minimum: 0, description: "scans without an answer, whatever they wait for" }),
    attention: Type.Integer({ minimum: 0, description: "scans that wait for a person at the device" }),
    oldestAt: Type.Optional(nullable(Instant)),
    storage: Type.Enum(deviceStorages),
    discarded: Type.Optional(
      Type.Array(
        Type.Object(
          {
            seq: Type.Integer({ minimum: 1 }),
            tag: Type.String({ maxLength: 1_024 }),
            reason: Type.String({ minLength: 1, maxLength: 500, pattern: storableText }),
            at: Instant,
          },
          { additionalProperties: false },
        ),
        { maxItems: discardsToldMax, description: "scans that a person there discarded, and why" },
      ),
    ),
  },
  { additionalProperties: false },
);
export type DeviceReport = Static<typeof DeviceReport>;

/** The last report of an incarnation. */
export const KeptReport = Type.Object({
  ...DeviceReport.properties,
  person: Type.String({ description: "who was signed in there" }),
  firstAt: Instant,
  reportedAt: Instant,
});
export type KeptReport = Static<typeof KeptReport>;

/** So many incarnations of a site are remembered. */
export const reportsKeptMax = 1_000;

/** A device reports. Safe to repeat: the newest report of an incarnation is the one that is kept. */
export const AskReportDevice = question({
  service: "health-check",
  name: "report-device",
  question: Type.Object({ site: SiteId, person: Type.String(), at: Instant, report: DeviceReport }),
  answer: Type.Object({}),
});

/** The last reports of the devices of a site, newest first. */
export const AskDeviceReports = question({
  service: "health-check",
  name: "device-reports",
  question: Type.Object({ site: SiteId }),
  answer: Type.Object({ reports: Type.Array(KeptReport, { maxItems: reportsKeptMax }) }),
});
