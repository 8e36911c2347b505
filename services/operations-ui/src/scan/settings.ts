import type { ConditionFlag, Scan, ScanType, ServiceStatus } from "@tagwire/messages";
import { conditionFlags, isScanType, scanTypeWords, serviceStatuses } from "../words/scans.ts";
import { workWords } from "../words/work.ts";
import { conditionOf } from "./looked.ts";

/** The work that the next scans end: who did it, which flags it put right, and what else there is to say. */
export type Work = {
  readonly technician: string;
  readonly done: readonly ConditionFlag[];
  readonly note: string;
};
export const noWork: Work = { technician: "", done: [], note: "" };

/** How the next scans are meant. Remembered on this device, but for the work: that is one person's, on one day. */
export type ScanSettings = {
  readonly type: ScanType;
  readonly contract: string;
  readonly status: ServiceStatus;
  readonly place: string;
  /** The session that scans at a site go into, until somebody leaves it. */
  readonly session: { readonly site: string; readonly id: string } | null;
  /** What is found on things, and what is looked for and not found. */
  readonly condition: readonly ConditionFlag[];
  readonly fine: readonly ConditionFlag[];
  /** What else is wrong, in words: those of one thing, so they are not remembered. */
  readonly other: string;
  readonly work: Work;
  readonly muted: boolean;
};

export const defaultSettings: ScanSettings = {
  type: "touch",
  contract: "",
  status: "inspect",
  place: "",
  session: null,
  condition: [],
  fine: [],
  other: "",
  work: noWork,
  muted: false,
};

/**
 * Another kind of scan. What comes back ends what it was out on, whichever that was: the contract that the scans before were for is
 * forgotten, since a return that names it would be said of that one.
 */
export const ofType = (
  { type: before }: Pick<ScanSettings, "type">,
  type: ScanType,
): Partial<ScanSettings> => {
  const isOptional = (one: ScanType): boolean => scanTypeWords[one].contract === "optional";
  return isOptional(type) && !isOptional(before) ? { type, contract: "" } : { type };
};

const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads what was stored; anything unreadable falls back member by member, since an older version may have written it. */
export const readSettings = (stored: string | null): ScanSettings => {
  let raw: Record<string, unknown> = {};
  try {
    raw = (JSON.parse(stored ?? "{}") ?? {}) as Record<string, unknown>;
  } catch {
    return defaultSettings;
  }
  const text = (value: unknown, lengthMax: number): string =>
    typeof value === "string" && value.length <= lengthMax ? value : "";
  const { site, id } = (raw.session ?? {}) as { site?: unknown; id?: unknown };
  const flags = (stored: unknown): readonly ConditionFlag[] =>
    conditionFlags.filter((flag) => Array.isArray(stored) && stored.includes(flag));
  const condition = flags(raw.condition);
  return {
    type: typeof raw.type === "string" && isScanType(raw.type) ? raw.type : defaultSettings.type,
    contract: text(raw.contract, 40),
    status: serviceStatuses.find((each) => each === raw.status) ?? defaultSettings.status,
    place: text(raw.place, 64),
    session: typeof site === "string" && typeof id === "string" && isId.test(id) ? { site, id } : null,
    condition,
    fine: flags(raw.fine).filter((flag) => !condition.includes(flag)),
    other: "",
    work: noWork,
    muted: raw.muted === true,
  };
};

/** The session that scans at this site go into; one that was joined at another site is none here. */
export const sessionAt = ({ session }: Pick<ScanSettings, "session">, site: string): string | undefined =>
  session?.site === site ? session.id : undefined;

/** What is to be remembered of settings. */
export const storedText = ({ work: _work, other: _other, ...settings }: ScanSettings): string =>
  JSON.stringify(settings);

/** Whether the next scans end somebody's work. */
export const saysWork = ({ type, status }: Pick<ScanSettings, "type" | "status">): boolean =>
  scanTypeWords[type].status && status === "ready";

/** Whether the next scans may say how things are found: what comes back, and what goes into a queue. */
export const saysCondition = ({ type, status }: Pick<ScanSettings, "type" | "status">): boolean =>
  scanTypeWords[type].condition && (!scanTypeWords[type].status || status !== "ready");

const workOf = ({ technician, done, note }: Work): Pick<Scan, "technician" | "done" | "notes"> => ({
  ...(technician.trim() === "" ? {} : { technician: technician.trim() }),
  ...(done.length === 0
    ? {}
    : {
        done: conditionFlags
          .filter((flag) => done.includes(flag))
          .map((flag) => workWords[flag].toLowerCase()),
      }),
  ...(note.trim() === "" ? {} : { notes: note.trim() }),
});

/** The scan of a tag under these settings. Members that the type does not use are left out, not sent empty. */
export const scanOf = (
  settings: ScanSettings,
  tag: string,
  identity: { id: string; scannedAt: string; session?: string },
): Scan => {
  const { type } = settings;
  const uses = scanTypeWords[type];
  const contract = settings.contract.trim();
  const place = settings.place.trim();
  const condition = saysCondition(settings) ? conditionOf(settings, settings.other) : undefined;
  return {
    ...identity,
    tag,
    type,
    ...(uses.contract !== "unused" && contract !== "" ? { contract } : {}),
    ...(uses.status ? { status: settings.status } : {}),
    ...(place === "" ? {} : { place }),
    ...(condition === undefined ? {} : { condition }),
    ...(saysWork(settings) ? workOf(settings.work) : {}),
  };
};
