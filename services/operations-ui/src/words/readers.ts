import type {
  AntennaCounts,
  DriverName,
  FilterRule,
  Reader,
  ReaderPhase,
  ReaderRegion,
  unattributed,
} from "@tagwire/messages";
import { CircleStop, Hourglass, type LucideIcon, PlugZap, Radio, Settings2 } from "lucide-react";
import type { Tone } from "../look/tone.ts";
import { aheadAfterMs, countText, durationText } from "./time.ts";

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
  training: "Training reader",
};

const networkHint = "Host name or IP address, with a port where it is another than usual: 10.0.0.7";
const serialHint = "The device at the machine of the reader-gateway: /dev/ttyUSB0";
const eitherHint = "Host and port, or a device: 10.0.0.7:27011 or /dev/ttyUSB0";

/** How the address of a reader is written, by its kind. */
export const addressHints: Record<DriverName, string> = {
  llrp: networkHint,
  mercury: serialHint,
  m100: serialHint,
  uhf18: eitherHint,
  uhf288: eitherHint,
  tsl: eitherHint,
  lines: eitherHint,
  impinj:
    "Its web address, with https:// before its name. None where it posts to us: then it is set, started and stopped at its own console.",
  zebra: "None: it posts to us, and is set, started and stopped at its own console.",
  replay: "None.",
  training: "None.",
};

/** Antennas as they are written, each by the place that it looks at: the first is at port 1. One without a place is left out. */
export const antennasOf = (places: string): { readonly port: number; readonly place: string }[] =>
  places
    .split(",")
    .flatMap((place, index) => (place.trim() === "" ? [] : [{ port: index + 1, place: place.trim() }]));

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

/** A reader's clock beside ours, in words: within a second they agree, as far as anybody here needs. */
export const clockText = (offsetMs: number | null | undefined): string => {
  if (offsetMs === null || offsetMs === undefined) return "not told";
  if (Math.abs(offsetMs) < 1_000) return "right";
  return `${durationText(offsetMs)} ${offsetMs > 0 ? "ahead" : "behind"}`;
};

/** Whether the clock is worth a look: times are put right by its offset, so a reader does not fail for it. */
export const isClockOff = (offsetMs: number | null | undefined): boolean =>
  Math.abs(offsetMs ?? 0) >= aheadAfterMs;

type Read = Pick<AntennaCounts, "reads" | "filtered"> & {
  readonly filteredBy?: AntennaCounts["filteredBy"] | undefined;
};

/** What of a reader's reads led to nothing, as a share of all but those of tests and those that a killed process held; undefined where there were none. */
export const noiseOf = ({ reads, filtered, filteredBy = {} }: Read): number | undefined => {
  const { test = 0, lost = 0 } = filteredBy;
  const apart = test + lost;
  return reads === apart ? undefined : (filtered - apart) / (reads - apart);
};

/** Why reads led to nothing, in the order in which they are told. */
const filterWords: Record<FilterRule | typeof unattributed, string> = {
  unwanted: "of tags that nobody wants",
  impossible: "of tags that no item can have",
  no_tid: "without the number of the chip",
  no_room: "with no room left for their tags",
  test: "of tests",
  lost: "lost with a process that was killed",
  unattributed: "from before reasons were counted",
};

/** What became of the reads that led to nothing: `1,200 of tests, 3 lost with a process that was killed`. */
export const filteredText = (filteredBy: AntennaCounts["filteredBy"] = {}): string => {
  const told = (Object.entries(filterWords) as [FilterRule, string][]).flatMap(([rule, words]) =>
    (filteredBy[rule] ?? 0) > 0 ? [`${countText(filteredBy[rule] ?? 0)} ${words}`] : [],
  );
  return told.length === 0 ? "none" : told.join(", ");
};

const faultWords: Readonly<Record<string, string>> = {
  "reader.unreachable": "Cannot be reached",
  "reader.refused": "Serves somebody else",
  "reader.silent": "Says nothing",
  "reader.closed": "The connection ended",
  "reader.garbled": "Says what nobody can read",
  "reader.error": "Answers with an error",
  "reader.settings": "Does not take its settings",
  "reader.region": "Has no region",
  "reader.login": "Does not let us in",
  "reader.certificate": "Its certificate is not trusted",
  "reader.antenna": "An antenna is missing",
  "reader.hot": "Is too hot",
  "reader.voltage": "Has bad power",
};

/** What went wrong with a reader: in words where there are some, with what was said of it. */
export const faultText = ({ code, message }: { readonly code: string; readonly message: string }): string => {
  const word = faultWords[code];
  // A fault without more to say has its code as its message.
  const said = message === code ? "" : message;
  if (word === undefined) return said === "" ? code : said;
  return said === "" ? word : `${word}: ${said}`;
};

const percent = new Intl.NumberFormat("en-GB", { style: "percent", maximumFractionDigits: 1 });
export const shareText = (share: number | undefined): string =>
  share === undefined ? "–" : percent.format(share);

/** Where a reader stands: its station, or the places of its antennas. */
export const whereText = ({ station, antennas }: Pick<Reader, "station" | "antennas">): string => {
  const places = antennas.flatMap((antenna) => antenna.station ?? antenna.place ?? []);
  const all = [...new Set([...(station === undefined ? [] : [station]), ...places])];
  return all.length === 0 ? "nowhere yet" : all.join(", ");
};

export const rateText = (rate: number): string => rate.toFixed(rate < 10 ? 1 : 0);

/** A strength as readers tell it. */
export const strengthText = (rssiDbm: number | null): string =>
  rssiDbm === null ? "–" : `${Math.round(rssiDbm)} dBm`;
