import type { TagSource } from "../tag-source.ts";
import type { AiPlan, ReportPlan, RoSpecPlan } from "./rospec-plan.ts";
import { type HeardTag, hear } from "./tag-entries.ts";

export type InventoryHost = {
  readonly world: TagSource;
  /** The antennas that are plugged in, counted from 1. */
  readonly antennas: () => readonly number[];
  readonly nowMs: () => number;
  readonly report: (tags: readonly HeardTag[], plan: ReportPlan) => void;
  readonly aiSpecEnded: (specIndex: number) => void;
  /** The ROSpec came to its end by itself. */
  readonly ended: () => void;
};

/** What waits to be reported at most; beyond it the buffer has overflown and the oldest are lost, as on a reader. */
const waitingTagsMax = 20_000;

/** One ROSpec while it is active: its AISpecs one after the other, their durations, and its reports. */
export class Inventory {
  readonly #plan: RoSpecPlan;
  readonly #report: ReportPlan;
  readonly #host: InventoryHost;
  readonly #roundMs: number;
  readonly #heard = new Map<string, HeardTag>();
  readonly #startedMs: number;
  #lastReportMs: number;
  #timer: NodeJS.Timeout | undefined;
  #aiIndex = 0;
  #aiStartedMs: number;
  #aiRounds = 0;
  #aiTags = new Set<string>();
  #aiLastNewMs: number;
  #aiObservations = 0;

  constructor(plan: RoSpecPlan, report: ReportPlan, roundMs: number, host: InventoryHost) {
    this.#plan = plan;
    this.#report = report;
    this.#roundMs = roundMs;
    this.#host = host;
    this.#startedMs = host.nowMs();
    this.#lastReportMs = this.#startedMs;
    this.#aiStartedMs = this.#startedMs;
    this.#aiLastNewMs = this.#startedMs;
    this.#timer = setTimeout(() => this.#round(), 0);
  }

  /** Stops without a word. What was heard is reported first when the trigger says so. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#report.trigger !== 0) this.flush();
  }

  /** Reports what waits, as GET_REPORT asks. */
  flush(): void {
    this.#lastReportMs = this.#host.nowMs();
    if (this.#heard.size === 0) return;
    const tags = [...this.#heard.values()];
    this.#heard.clear();
    this.#host.report(tags, this.#report);
  }

  #round(): void {
    const ai = this.#plan.aiSpecs[this.#aiIndex];
    const nowMs = this.#host.nowMs();
    if (ai === undefined || this.#isOver(nowMs)) {
      this.stop();
      this.#host.ended();
      return;
    }
    this.#listen(ai, nowMs);
    this.#reportWhenDue(nowMs);
    if (this.#isAiOver(ai, nowMs)) this.#nextAi(ai, nowMs);
    this.#timer = setTimeout(() => this.#round(), this.#roundMs);
  }

  #isOver(nowMs: number): boolean {
    return this.#plan.durationMs > 0 && nowMs - this.#startedMs >= this.#plan.durationMs;
  }

  #listen(ai: AiPlan, nowMs: number): void {
    this.#aiRounds += 1;
    const isEvery = ai.antennaIds.includes(0);
    for (const antenna of this.#host.antennas()) {
      if (!isEvery && !ai.antennaIds.includes(antenna)) continue;
      for (const tag of this.#host.world.sees(antenna, nowMs)) {
        hear(this.#heard, tag, { antenna, ms: nowMs, roSpecId: this.#plan.roSpecId, ai });
        this.#aiObservations += 1;
        if (!this.#aiTags.has(tag.epc)) this.#aiLastNewMs = nowMs;
        this.#aiTags.add(tag.epc);
      }
    }
    for (const key of this.#heard.keys()) {
      if (this.#heard.size <= waitingTagsMax) break;
      this.#heard.delete(key);
    }
  }

  #reportWhenDue(nowMs: number): void {
    const { trigger, n } = this.#report;
    const isByCount = (trigger === 1 || trigger === 2) && n > 0 && this.#heard.size >= n;
    const everyMs = trigger === 3 || trigger === 4 ? n * 1000 : n;
    const isByTime = trigger >= 3 && n > 0 && nowMs - this.#lastReportMs >= everyMs;
    if (isByCount || isByTime) this.flush();
  }

  #isAiOver(ai: AiPlan, nowMs: number): boolean {
    const sinceMs = nowMs - this.#aiStartedMs;
    if (ai.stopTrigger === 1) return sinceMs >= ai.durationMs;
    const observation = ai.observation;
    if (ai.stopTrigger !== 3 || observation === undefined) return false;
    if (observation.timeoutMs > 0 && sinceMs >= observation.timeoutMs) return true;
    if (observation.trigger === 0) return this.#aiObservations >= observation.tagCount;
    if (observation.trigger === 2) return this.#aiRounds >= observation.attemptCount;
    if (observation.trigger === 3) return this.#aiTags.size >= observation.tagCount;
    return nowMs - this.#aiLastNewMs >= observation.quietMs;
  }

  #nextAi(ai: AiPlan, nowMs: number): void {
    if ([1, 3, 5].includes(this.#report.trigger)) this.flush();
    this.#host.aiSpecEnded(ai.specIndex);
    this.#aiIndex += 1;
    this.#aiStartedMs = nowMs;
    this.#aiLastNewMs = nowMs;
    this.#aiRounds = 0;
    this.#aiObservations = 0;
    this.#aiTags = new Set();
  }
}
