import type {
  PutInField,
  Scan,
  SessionMode,
  StationMode,
  TrainingField,
  WalkDirection,
} from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import type { Answer, Refusal } from "../../api/http.ts";
import { createReader } from "../../api/readers.ts";
import { beginSession, newSessionId } from "../../api/sessions.ts";
import { putStation } from "../../api/stations.ts";
import * as api from "../../api/training.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { close, deviceOf } from "../../scan/declare.ts";
import { noteScanned } from "../../scan/scanned-tags.ts";

/*
 * What a training site is furnished with, and what a trainer does there. Everything is asked of the same addresses as real work: only the
 * reader and the stock are made up.
 */

export const trainerId = "trainer";
export const gatePlaces = { inside: "hall", outside: "yard" } as const;

/** A station for each kind of session, each at an antenna of its own, in the order of the ports. */
export const practiceStations = {
  checkout: "practice-checkout",
  return: "practice-return",
  count: "practice-count",
  service: "practice-service",
  laundry: "practice-laundry",
} as const satisfies Record<SessionMode, string>;
const gateStation = "practice-gate";

export const practiceClasses = ["Practice chair", "Practice table", "Practice linen"] as const;
export type PracticeClass = (typeof practiceClasses)[number];
/** Enough for every exercise at once, and few enough to be looked through. */
const itemsPerClass = 12;

/** Of no company: the first byte is none of a GS1 header, so that a made-up tag can be taken for no real thing. */
const tagOf = (index: number): string => `7EA1C0DE${String(index + 1).padStart(16, "0")}`;

/** A call that was refused, so that of several calls none is made after it. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

const signedOut: Refusal = {
  status: 401,
  code: "unauthenticated",
  message: "Sign in again.",
  retryable: false,
};

/** @throws Refused */
export const insist = async <T>(asked: Promise<Answer<T>>): Promise<T> => {
  const answer = await asked;
  if (answer.kind === "ok") return answer.value;
  throw new Refused(answer.kind === "refused" ? answer.refusal : signedOut);
};

const furnishStock = async (site: string): Promise<void> => {
  const items = practiceClasses.flatMap((name, row) =>
    Array.from({ length: itemsPerClass }, (_, index) => ({
      tag: tagOf(row * itemsPerClass + index),
      class: name,
    })),
  );
  for (const item of items) {
    const answer = await api.createItem(site, { ...item, status: "ready", place: gatePlaces.inside });
    // It is there already, and what became of it in practice stands until it is put back.
    if (answer.kind === "refused" && answer.refusal.code === "item_exists") continue;
    await insist(Promise.resolve(answer));
  }
};

/** Makes what a training site needs and has not, and starts its reader. Safe to repeat. @throws Refused */
export const furnish = async (site: string): Promise<void> => {
  const modes = Object.entries(practiceStations) as [StationMode & SessionMode, string][];
  for (const [mode, id] of modes) await insist(putStation(site, id, { mode, place: id }));
  const portal = { ...gatePlaces, by: "antennas" as const };
  await insist(putStation(site, gateStation, { mode: "portal", portal }));
  await furnishStock(site);
  const desks = modes.map(([, station], index) => ({ port: index + 1, station }));
  const sides = (["inside", "outside"] as const).map((side, index) => ({
    ...{ port: desks.length + index + 1, station: gateStation, side },
  }));
  const reader = await insist(
    createReader(site, { id: trainerId, driver: "training", antennas: [...desks, ...sides] }),
  );
  if (!reader.enabled) await insist(api.actOnReader(site, trainerId, "start"));
};

/** A scan by hand, made now. */
export const scanNow = (tag: string, how: Pick<Scan, "type"> & Partial<Scan>): Scan => ({
  ...{ id: uuidv7(), tag, scannedAt: new Date().toISOString() },
  ...how,
});

/**
 * What a trainer does at one training site; every call is refused as real work is. What is scanned by hand counts as scanned with this device,
 * which is what the end of a session is told. @throws Refused
 */
export const createSchool = (site: string, outbox: Outbox) => {
  const scan = async (...scans: readonly Scan[]) => {
    for (const { session, tag, scannedAt } of scans)
      if (session !== undefined) noteScanned({ site, session }, [tag], scannedAt);
    const { receipts } = await insist(api.recordScans(site, scans, await deviceOf(outbox)));
    const no = receipts.find(({ outcome }) => outcome === "rejected");
    if (no === undefined) return scans;
    throw new Refused({
      status: 409,
      code: no.code ?? "",
      message: no.message ?? no.code ?? "",
      retryable: false,
    });
  };
  const open = async (
    lines: Partial<Record<PracticeClass, number>>,
    kind: "rental" | "laundry" = "rental",
  ) => {
    const contract = `P-${Date.now().toString(36).toUpperCase()}`;
    const wanted = Object.entries(lines).map(([name, quantity]) => ({ class: name, quantity }));
    await insist(api.openContract(site, { number: contract, kind, client: "Practice", lines: wanted }));
    return contract;
  };
  return {
    scan,
    open,
    /** Begins a session at the station of its mode; one that was left open there is closed first. */
    begin: async (mode: SessionMode, more: { contract?: string; class?: string } = {}) => {
      const station = practiceStations[mode];
      for (const left of (await insist(api.fetchOpenSessions(site, null))).data)
        if (left.station === station) await insist(close(outbox, { site, session: left.id }));
      return (await insist(beginSession(site, { id: newSessionId(), mode, station, ...more }))).id;
    },
    close: (session: string) => insist(close(outbox, { site, session })),
    put: (what: PutInField): Promise<TrainingField> => insist(api.putInField(site, trainerId, what)),
    take: () => insist(api.takeFromField(site, trainerId)),
    /** Without tags, with everything that lies there. */
    walk: (direction: WalkDirection, tags?: readonly string[]) => {
      const walk = tags === undefined ? { direction } : { direction, tags: [...tags] };
      return insist(api.walkThroughGate(site, trainerId, walk));
    },
    ready: async (name: PracticeClass, count: number) => {
      const { data } = await insist(api.fetchItems(site, { status: "ready", of: name, cursor: null }));
      if (data.length >= count) return data.slice(0, count).map(({ tag }) => tag);
      const message = `Too little of ${name} is ready. Put everything back first.`;
      throw new Refused({ status: 409, code: "training.nothing", message, retryable: false });
    },
    commission: (tag: string) => insist(api.createItem(site, { tag, class: practiceClasses[0] })),
    contract: (number: string, act: "finalize" | "returned") => insist(api.actOnContract(site, number, act)),
    undo: (scans: readonly string[]) => insist(api.undoScans(site, scans)),
  };
};
export type School = ReturnType<typeof createSchool>;
