import { isIsoPc } from "@tagwire/epc";
import { type TagEntry, TagReportReader } from "@tagwire/llrp";
import type { DriverHost, TagRead } from "../driver.ts";
import { type OddReads, oddTag, tellOddReads } from "../odd-reads.ts";
import type { ReaderClock, StampKind } from "../reader-clock.ts";

type Stamped = { read: { -readonly [K in keyof TagRead]: TagRead[K] }; kind: StampKind | undefined };

/** The best word on when a tag was last heard: readers send one of these, and which one differs. */
const stampOf = (entry: TagEntry): { ms: number; kind: StampKind | undefined } => {
  const utcMs = entry.lastSeenUtcMs ?? entry.firstSeenUtcMs;
  if (utcMs !== undefined) return { ms: utcMs, kind: "utc" };
  const uptimeMs = entry.lastSeenUptimeMs ?? entry.firstSeenUptimeMs;
  return uptimeMs === undefined ? { ms: 0, kind: undefined } : { ms: uptimeMs, kind: "uptime" };
};

/** Turns the reports of one connection into reads. */
export class TagReads {
  readonly #reader = new TagReportReader();
  readonly #clock: ReaderClock;
  readonly #host: DriverHost;
  /** The antenna of readers that never say which: the only configured one, else 0. */
  readonly #silentAntenna: number;
  readonly #tellOdd: (what: OddReads, count: number) => void;

  readonly #asksTid: boolean;

  constructor(
    clock: ReaderClock,
    host: DriverHost,
    { silentAntenna, asksTid = false }: { readonly silentAntenna: number; readonly asksTid?: boolean },
  ) {
    this.#clock = clock;
    this.#host = host;
    this.#silentAntenna = silentAntenna;
    this.#asksTid = asksTid;
    this.#tellOdd = tellOddReads(host);
  }

  read(frame: Buffer, arrivedAtMs: number): readonly TagRead[] {
    const stamped: Stamped[] = [];
    this.#reader.read(frame, {
      tag: (entry) => this.#take(entry, stamped),
      malformed: this.#host.malformed,
    });
    this.#setTimes(stamped, arrivedAtMs);
    return stamped.map(({ read }) => read);
  }

  #take(entry: TagEntry, into: Stamped[]): void {
    const { ms, kind } = stampOf(entry);
    const count = Math.max(1, entry.seenCount ?? 1);
    const odd = oddTag(entry.epc);
    if (odd !== undefined) this.#tellOdd(odd, count);
    // Whoever else had the reader read something of its tags: only what we asked for is a TID.
    const tid = this.#asksTid ? entry.readHex : undefined;
    if (this.#asksTid && tid === undefined) this.#tellOdd("tid_unread", count);
    into.push({
      kind,
      read: {
        epc: entry.epc,
        antenna: entry.antenna ?? this.#silentAntenna,
        rssiDbm: entry.peakRssiDbm ?? null,
        count,
        heardAtMs: ms,
        ...(tid === undefined ? {} : { tid }),
        ...(entry.pc !== undefined && isIsoPc(entry.pc) ? { isIso: true } : {}),
      },
    });
  }

  #setTimes(stamped: readonly Stamped[], arrivedAtMs: number): void {
    const newest: Partial<Record<StampKind, number>> = {};
    for (const { kind, read } of stamped) {
      if (kind !== undefined) newest[kind] = Math.max(newest[kind] ?? 0, read.heardAtMs);
    }
    if (newest.utc !== undefined) this.#clock.observe("utc", newest.utc, arrivedAtMs);
    if (newest.uptime !== undefined) this.#clock.observe("uptime", newest.uptime, arrivedAtMs);
    const { unbelievable } = this.#clock;
    for (const { kind, read } of stamped) {
      read.heardAtMs = kind === undefined ? arrivedAtMs : this.#clock.ours(kind, read.heardAtMs, arrivedAtMs);
    }
    const odd = this.#clock.unbelievable - unbelievable;
    if (odd > 0) this.#tellOdd("clock_unbelievable", odd);
  }
}
