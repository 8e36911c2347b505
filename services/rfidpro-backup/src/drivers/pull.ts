import { type DatasetProgress, Fault, type PullVerdict, type RfidproDataset } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Capability, PulledPage, PullOutcome, RawRow } from "../actors/rows.ts";
import type { Asked, Client, Filter, Read } from "./client.ts";
import { Pass } from "./pass.ts";
import { probe } from "./probe.ts";
import { type Ended, readPass } from "./read-pass.ts";
import type { RfidproLimits } from "./settings.ts";
import { beyond, chooseWindow, cursorMs, leftOpen, overlapMs, serverText, type Window } from "./window.ts";

/** What a pull found out before its first page: kept by whoever wants to resume it. */
export type PullStart = {
  readonly capability: Capability;
  readonly since: string | null;
  readonly until: string;
  /** Its window has no end, since rows were newer than the clock by which it would have ended. */
  readonly isOpen?: boolean;
};

/** A pull that was broken off, with what its last pass has brought. */
export type Resume = PullStart & {
  readonly pass: number;
  /** As it was counted; not told where the pass has to begin with its first row. */
  readonly total?: number;
  /** The rows of each answer of that pass, all that came, in the order in which they came. */
  readonly answers: Iterable<readonly RawRow[]> | AsyncIterable<readonly RawRow[]>;
  /** What was asked before, so that the sums of the whole pull are told. */
  readonly pages?: number;
  readonly requests?: number;
};

export type PullOptions = {
  readonly dataset: RfidproDataset;
  /** What RFIDpro took before is known already; null for everything. In RFIDpro's time, such as the `until` of the pull before. */
  readonly since: Date | null;
  readonly signal: AbortSignal;
  /** Waited for before the next page is asked for. A page of a higher pass makes all of the passes before void. */
  readonly page: (page: PulledPage) => Promise<void>;
  readonly progress: (progress: DatasetProgress) => void;
  /** Told once, before the first page; not again where a pull is resumed. */
  readonly begun?: (start: PullStart) => Promise<void> | void;
  readonly resume?: Resume;
};

type Rim = {
  readonly client: Client;
  readonly limits: RfidproLimits;
  readonly log: Logger;
  readonly now: () => number;
};

/** Each pass cuts the set into pages elsewhere, so that what stands at the seams of one is within a page of another. In rows. */
const pageRowsOf = (pass: number): number => [200, 187, 193, 179, 197][(pass - 1) % 5] ?? 200;
const probeTriesMax = 2;

const isoText = (atMs: number): string => new Date(atMs).toISOString();

class Pulling {
  readonly #rim: Rim;
  readonly #options: PullOptions;
  readonly #begunAtMs = performance.now();
  #requests = 0;
  #length = 0;
  #pages = 0;
  #passes = 0;
  #pass: Pass;
  #total: number | null = null;
  #capability: Capability | null = null;
  #window: Window;
  #verdict: PullVerdict | null = null;
  #why: string | null = null;

  constructor(rim: Rim, options: PullOptions) {
    this.#rim = rim;
    this.#options = options;
    this.#pass = new Pass(options.dataset, []);
    this.#pages = options.resume?.pages ?? 0;
    this.#requests = options.resume?.requests ?? 0;
    this.#window = { sinceMs: null, untilMs: cursorMs(null, rim.now()), filters: [], sorts: [] };
  }

  async run(): Promise<PullOutcome> {
    try {
      await this.#begin();
      await this.#readUntilStill();
    } catch (error) {
      if (!(error instanceof Fault) || !error.code.startsWith("rfidpro.")) throw error;
      this.#rim.log.warn({ err: error, dataset: this.#options.dataset }, "RFIDpro was not read to the end");
      this.#verdict = this.#pass.rows > 0 ? "partial" : "failed";
      this.#why =
        error.code === "rfidpro.cancelled" ? "it was cancelled" : `${error.message}. ${error.advice}`;
    }
    this.#tell();
    return this.#outcome();
  }

  #read = async (asked: Asked, triesMax = this.#rim.limits.triesMax): Promise<Read> => {
    const { client, limits } = this.#rim;
    const { dataset, signal } = this.#options;
    if (signal.aborted) throw new Fault("rfidpro.cancelled", "");
    if (performance.now() - this.#begunAtMs > limits.readMsMax)
      throw new Fault(
        "rfidpro.too_large",
        `a data set that takes longer than ${limits.readMsMax / 60_000} min`,
      );
    const asks = (): void => {
      this.#requests += 1;
      if (this.#requests > limits.requestsMax)
        throw new Fault(
          "rfidpro.too_large",
          `a data set that takes more than ${limits.requestsMax} requests`,
        );
    };
    const read = await client.read(dataset, asked, { signal, asks, triesMax });
    this.#length += read.body.length;
    if (this.#length > limits.readLengthMax)
      throw new Fault("rfidpro.too_large", `a data set of more than ${limits.readLengthMax} characters`);
    return read;
  };

  /** A filter that is refused is an answer with an error, and so is a server that is down: neither is a filter that is honoured. */
  #ask = async (asked: Asked): Promise<Read | undefined> => {
    try {
      return await this.#read(asked, probeTriesMax);
    } catch (error) {
      const isAnswer =
        error instanceof Fault &&
        ["rfidpro.error", "rfidpro.refused", "rfidpro.garbled"].includes(error.code);
      if (isAnswer) return undefined;
      throw error;
    }
  };

  async #begin(): Promise<void> {
    const { dataset, since, resume, begun } = this.#options;
    this.#tell();
    if (resume !== undefined) {
      this.#capability = resume.capability;
      const past = resume.since === null ? null : new Date(Date.parse(resume.since) + overlapMs);
      this.#window = chooseWindow(dataset, resume.capability, {
        since: past,
        untilMs: Date.parse(resume.until),
      });
      // What is gone on with has the window that it began with, or rows that came before the cut would be none of it.
      if (resume.isOpen === true) this.#window = leftOpen(this.#window);
      return;
    }
    const found = await probe(dataset, { read: (asked) => this.#read(asked), ask: this.#ask });
    this.#capability = found.capability;
    const untilMs = cursorMs(found.serverMs, this.#rim.now());
    this.#window = chooseWindow(dataset, found.capability, { since, untilMs });
    if (await this.#hidesRows(found.total)) this.#forgetFilter();
    const isOpen = await this.#openWindowWhereClocksLie();
    await begun?.({
      ...{ capability: this.#capability, since: this.#sinceText(), until: isoText(untilMs) },
      ...(isOpen ? { isOpen } : {}),
    });
  }

  /**
   * Whether there are rows that no filter by time finds, neither before an instant nor since: those without a time. They are a part of
   * everything, so that everything has to be asked for without one.
   */
  async #hidesRows(total: number): Promise<boolean> {
    const { filters, sinceMs, untilMs } = this.#window;
    const [by] = filters;
    if (by === undefined || sinceMs !== null) return false;
    const countOf = async (asked: readonly Filter[]): Promise<number> =>
      (await this.#read({ offset: 0, limit: 1, filters: asked })).total;
    const before = await countOf(filters);
    if (before >= total) return false;
    const since = await countOf([{ ...by, operator: "gt", value: serverText(untilMs - 1_000) }]);
    return before + since < total;
  }

  /** Where rows are newer than the clock by which the window ends, that clock is not the one of the rows: the end is left open. */
  async #openWindowWhereClocksLie(): Promise<boolean> {
    const filters = beyond(this.#window);
    if (filters.length === 0) return false;
    const { total } = await this.#read({ offset: 0, limit: 1, filters });
    if (total === 0) return false;
    const { dataset } = this.#options;
    this.#rim.log.warn({ dataset, rows: total }, "rows of RFIDpro are newer than its clock");
    this.#window = leftOpen(this.#window);
    return true;
  }

  async #readUntilStill(): Promise<void> {
    const { resume } = this.#options;
    const { passesMax } = this.#rim.limits;
    const first = resume?.pass ?? 1;
    let before: { readonly sum: bigint; readonly total: number } | undefined;
    let ended: Ended | undefined;
    for (let pass = first; pass < first + passesMax; pass += 1) {
      ended = await this.#readOnce(pass, pass === first ? resume : undefined);
      const { sum, isProven } = this.#pass;
      this.#total = ended.total;
      if (ended.is === "ignored") this.#forgetFilter();
      if (ended.is !== "whole") {
        before = undefined;
        this.#why = ended.why;
        continue;
      }
      // An empty set proves nothing either: it is believed when it is empty twice.
      if (isProven || (before?.sum === sum && before.total === ended.total)) {
        if (this.#options.signal.aborted) throw new Fault("rfidpro.cancelled", "");
        this.#verdict = "complete";
        this.#why = null;
        return;
      }
      before = { sum, total: ended.total };
      this.#why = "it is in no order that shows, and no two readings in a row gave the same rows";
    }
    this.#verdict = ended?.is === "short" || ended?.is === "ignored" ? "partial" : "unstable";
    this.#why = `after ${this.#passes} passes: ${this.#why}`;
  }

  async #readOnce(number: number, resume: Resume | undefined): Promise<Ended> {
    const { dataset, page } = this.#options;
    this.#passes = number;
    const pass = new Pass(
      dataset,
      this.#window.sorts.map(({ field }) => field),
    );
    this.#pass = pass;
    for await (const answer of resume?.answers ?? [])
      if (pass.take(answer) === undefined)
        return { is: "moved", why: "what was kept of it does not join", total: resume?.total ?? 0 };
    return readPass({
      ...{ dataset, pass, window: this.#window, total: resume?.total },
      pageRows: pageRowsOf(number),
      read: this.#read,
      page: async (got, { offset, rows }) => {
        this.#pages += 1;
        this.#total = got.total;
        await page({
          ...{ dataset, pass: number, offset, total: got.total, rows, body: got.body },
          receivedAt: isoText(got.receivedAtMs),
        });
        this.#tell();
      },
    });
  }

  #forgetFilter(): void {
    if (this.#capability !== null) this.#capability = { ...this.#capability, filter: false };
    this.#window = { ...this.#window, sinceMs: null, filters: [] };
  }

  #tell(): void {
    this.#options.progress({
      ...{ dataset: this.#options.dataset, rows: this.#pass.rows, total: this.#total, pages: this.#pages },
      ...{ requests: this.#requests, passes: this.#passes, verdict: this.#verdict, why: this.#why },
      since: this.#sinceText(),
    });
  }

  #sinceText(): string | null {
    const { sinceMs } = this.#window;
    return sinceMs === null ? null : isoText(sinceMs);
  }

  #outcome(): PullOutcome {
    const { untilMs } = this.#window;
    return {
      ...{ dataset: this.#options.dataset, verdict: this.#verdict ?? "failed", why: this.#why },
      ...{ rows: this.#pass.rows, total: this.#total, pages: this.#pages, requests: this.#requests },
      ...{ passes: this.#passes, capability: this.#capability },
      since: this.#sinceText(),
      until: isoText(untilMs),
    };
  }
}

/** Reads a data set until it has stood still from its first row to its last, or as often as is allowed. */
export const pullDataset = (rim: Rim, options: PullOptions): Promise<PullOutcome> =>
  new Pulling(rim, options).run();
