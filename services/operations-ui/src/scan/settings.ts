import type { ConditionFlag, Scan, ScanType, ServiceStatus } from "@tagwire/messages";
import { conditionFlags, isScanType, scanTypeWords, serviceStatuses } from "../words/scans.ts";

/** How the next scans are meant. Remembered on this device. */
export type ScanSettings = {
  readonly type: ScanType;
  readonly contract: string;
  readonly status: ServiceStatus;
  readonly place: string;
  /** The session that scans at a site go into, until somebody leaves it. */
  readonly session: { readonly site: string; readonly id: string } | null;
  readonly condition: readonly ConditionFlag[];
  readonly muted: boolean;
};

export const defaultSettings: ScanSettings = {
  type: "touch",
  contract: "",
  status: "inspect",
  place: "",
  session: null,
  condition: [],
  muted: false,
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
  const list = Array.isArray(raw.condition) ? raw.condition : [];
  return {
    type: typeof raw.type === "string" && isScanType(raw.type) ? raw.type : defaultSettings.type,
    contract: text(raw.contract, 40),
    status: serviceStatuses.find((each) => each === raw.status) ?? defaultSettings.status,
    place: text(raw.place, 64),
    session: typeof site === "string" && typeof id === "string" && isId.test(id) ? { site, id } : null,
    condition: conditionFlags.filter((flag) => list.includes(flag)),
    muted: raw.muted === true,
  };
};

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
  return {
    ...identity,
    tag,
    type,
    ...(uses.contract !== "unused" && contract !== "" ? { contract } : {}),
    ...(uses.status ? { status: settings.status } : {}),
    ...(place === "" ? {} : { place }),
    ...(uses.condition && settings.condition.length > 0
      ? { condition: Object.fromEntries(settings.condition.map((flag) => [flag, true])) }
      : {}),
  };
};
