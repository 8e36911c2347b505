import { setTimeout as wait } from "node:timers/promises";
import { tagSetDigest } from "@tagwire/digest";
import type { MonthAct, Warehouse } from "@tagwire/emulators";
import { newId, normaliseTag, type Outcome, type Receipt } from "@tagwire/messages";
import type { System } from "./system.ts";

type ScanSession = Extract<MonthAct, { kind: "scan-session" }>;
type Answered = { readonly status: number; readonly body: unknown };

const triesMax = 20;
const busyWaitMs = 250;
/** Busy, or no answer came in time: every call has its key, so it is sent again and nothing is applied twice. */
const isBusy = (status: number): boolean => status === 429 || status === 503 || status === 504;

/** What came of a day, as the devices heard it. */
export type DayRecord = {
  readonly outcomes: Map<string, Outcome>;
  /** From each upload to its last receipt, in ms. */
  readonly uploadsMs: number[];
  /** Scans handed in, repeats too, and of them those that were answered with an earlier receipt. */
  sent: number;
  replayed: number;
  /** Calls that were refused, by what they were and why: the office of a busy day comes too late at times. */
  readonly refused: Map<string, number>;
};

/** How a request leaves the machine. */
export type Post = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
) => Promise<{ readonly status: number; readonly text: string }>;

const fetchPost: Post = async (url, request) => {
  const response = await fetch(url, request);
  return { status: response.status, text: await response.text() };
};

/** What else a device does than to hand in what it scanned. */
export type DeviceHabits = {
  readonly post?: Post;
  /** By how much its clock is ahead of the true one when it sends, in ms; it says nothing of its clock without. */
  readonly clockErrorMs?: (upload: ScanSession) => number;
  /** Hears the receipts of an upload before the session goes on, and may hand in more scans of it. */
  readonly heard?: (
    upload: ScanSession,
    receipts: readonly Receipt[],
    more: (scans: readonly object[]) => Promise<readonly Receipt[]>,
  ) => Promise<void>;
};

/** One call of the public API; tries again, a bounded number of times, while the system says that it is busy. */
const openCalls = ({ http, key }: System, site: string, post: Post) => {
  return async (method: string, path: string, body: unknown = {}): Promise<Answered> => {
    const own = { authorization: `Bearer ${key}`, "idempotency-key": newId() };
    for (let tries = 1; ; tries += 1) {
      const { status, text } = await post(`${http}/api/v1/sites/${site}${path}`, {
        method,
        headers: { ...own, "content-type": "application/json", "if-match": "*" },
        body: JSON.stringify(body),
      });
      if (isBusy(status) && tries < triesMax) {
        await wait(busyWaitMs);
        continue;
      }
      if (status >= 500 || isBusy(status))
        throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
      return { status, body: JSON.parse(text) };
    }
  };
};

export const scanOf = (scan: ScanSession["scans"][number], session: string) => ({
  id: scan.id,
  tag: scan.tag,
  type: scan.type,
  session,
  scannedAt: new Date(scan.scannedAtMs).toISOString(),
  ...(scan.contract === null ? {} : { contract: scan.contract }),
  ...(scan.place === null ? {} : { place: scan.place }),
  ...(scan.quality === null ? {} : { quality: scan.quality }),
  ...(scan.status === null ? {} : { status: scan.status }),
  ...(scan.condition === null ? {} : { condition: scan.condition }),
});

/** What tablets and the office say to the public API when something of the day happens. */
export const openDayCalls = (
  system: System,
  site: string,
  { classes }: Pick<Warehouse, "classes">,
  { post = fetchPost, clockErrorMs, heard }: DeviceHabits = {},
) => {
  const call = openCalls(system, site, post);
  const names = new Map(classes.map(({ id, name }) => [id, name]));
  const scanned = new Map<string, { readonly tags: Set<string>; parts: number }>();
  const record: DayRecord = { outcomes: new Map(), uploadsMs: [], sent: 0, replayed: 0, refused: new Map() };

  /** Tags that were made, by the act that made them. */
  const made = new Map<string, readonly string[]>();

  /** The body of the answer; undefined when it was refused. */
  const ask = async (what: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await call(method, path, body);
    if (answer.status < 400) return answer.body;
    const reason = `${what} ${(answer.body as { readonly code?: string }).code ?? answer.status}`;
    record.refused.set(reason, (record.refused.get(reason) ?? 0) + 1);
    return undefined;
  };

  const say = async (what: string, method: string, path: string, body?: unknown): Promise<void> => {
    await ask(what, method, path, body);
  };

  const note = ({ id, outcome, replayed }: Receipt): void => {
    const before = record.outcomes.get(id);
    if (before !== undefined && before !== outcome)
      throw new Error(`scan ${id} was ${before} and is ${outcome}`);
    record.outcomes.set(id, outcome);
    // One that nobody had a receipt of was recorded in a try that was answered as busy: to the device it is new.
    if (replayed && before !== undefined) record.replayed += 1;
  };

  const handIn = async (
    scans: readonly object[],
    sentAheadMs: number | undefined,
  ): Promise<readonly Receipt[]> => {
    const startedAt = performance.now();
    const sentAt =
      sentAheadMs === undefined ? {} : { sentAt: new Date(Date.now() + sentAheadMs).toISOString() };
    const { status, body } = await call("POST", "/scans", { scans, ...sentAt });
    record.uploadsMs.push(performance.now() - startedAt);
    const { receipts = [] } = body as { readonly receipts?: readonly Receipt[] };
    if (status !== 200 || receipts.length !== scans.length)
      throw new Error(`${receipts.length} receipts of ${scans.length} scans: ${status}`);
    record.sent += scans.length;
    for (const receipt of receipts) note(receipt);
    return receipts;
  };

  const upload = async (act: ScanSession): Promise<void> => {
    const sentAheadMs = clockErrorMs?.(act);
    const receipts = await handIn(
      act.scans.map((scan) => scanOf(scan, act.session.id)),
      sentAheadMs,
    );
    await heard?.(act, receipts, (scans) => handIn(scans, sentAheadMs));
  };

  const session = async (act: ScanSession): Promise<void> => {
    if (act.scans.length === 0) return;
    const { id, mode, contract, place } = act.session;
    const own = scanned.get(id) ?? { tags: new Set<string>(), parts: 0 };
    scanned.set(id, own);
    own.parts += 1;
    for (const { tag } of act.scans) own.tags.add(normaliseTag(tag) ?? tag);
    if (own.parts === 1) {
      const begunAt = new Date(act.happenedAtMs).toISOString();
      const about = { ...(contract === null ? {} : { contract }), ...(place === null ? {} : { place }) };
      await say("begin", "POST", "/sessions", { id, mode, begunAt, ...about });
    }
    await upload(act);
    if (own.parts < act.part.of) return;
    await say("close", "POST", `/sessions/${id}:close`, {
      count: own.tags.size,
      digest: tagSetDigest(own.tags),
    });
  };

  const linesOf = (lines: Extract<MonthAct, { kind: "contract-amended" }>["lines"]) =>
    lines.map((line) => ({ class: names.get(line.class) ?? line.class, quantity: line.quantity }));

  const provision = async (act: Extract<MonthAct, { kind: "tags-provisioned" }>): Promise<void> => {
    const { class: name, quantity } = act;
    const tags = { scheme: "prefix", prefix: "FEED" };
    const answer = await ask("provision", "POST", "/tags:provision", { class: name, quantity, tags });
    made.set(act.id, (answer as { readonly tags?: readonly string[] } | undefined)?.tags ?? []);
  };

  const print = async (tags: readonly string[]): Promise<void> => {
    for (const tag of tags) await say("print", "PATCH", item(tag), { status: "ready" });
  };

  const item = (tag: string): string => `/items/${encodeURIComponent(tag)}`;
  const contract = (number: string): string => `/contracts/${encodeURIComponent(number)}`;

  const tell = (act: MonthAct): Promise<void> => {
    switch (act.kind) {
      case "scan-session":
        return session(act);
      case "upload-repeated":
        return upload(act.upload);
      case "contract-opened": {
        const { number, kind, client, outAtMs, dueAtMs, lines } = act.contract;
        return say("open", "POST", "/contracts", {
          ...{ number, kind, client },
          outAt: new Date(outAtMs).toISOString(),
          dueAt: new Date(dueAtMs).toISOString(),
          lines: linesOf(lines),
        });
      }
      case "contract-closed":
        return say("close contract", "POST", `${contract(act.contract.number)}:close`);
      case "laundry-sent":
        return say("finalize", "POST", `${contract(act.contract)}:finalize`);
      case "laundry-back":
        return say("returned", "POST", `${contract(act.contract)}:returned`);
      case "lot-counted": {
        const { id, name, quantity, action } = act;
        return say("lot", "POST", `${contract(act.contract)}/lots`, { id, name, quantity, action });
      }
      case "session-undone":
        return say("undo", "POST", `/sessions/${act.session}:undo?partial=true`);
      case "item-commissioned":
        return say("commission", "POST", "/items", { tag: act.tag, class: act.class });
      case "tags-provisioned":
        return provision(act);
      case "tags-printed":
        return print(made.get(act.made) ?? []);
      case "item-edited":
        return say("edit", "PATCH", item(act.tag), act.edit);
      case "item-ended":
        return say("end", "PATCH", item(act.tag), { status: act.status });
      case "item-retagged":
        return say("retag", "POST", `${item(act.tag)}:retag`, { to: act.to });
      case "held-dismissed":
        return say("dismiss", "POST", `/quarantine/${encodeURIComponent(act.tag)}:dismiss`, {
          reason: act.reason,
        });
      case "contract-amended":
        return say("amend", "PATCH", contract(act.contract), {
          dueAt: new Date(act.dueAtMs).toISOString(),
          lines: linesOf(act.lines),
        });
      case "contract-reopened":
        return say("reopen", "POST", `${contract(act.contract)}:reopen`);
      case "laundry-reactivated":
        return say("reactivate", "POST", `${contract(act.contract)}:reactivate`);
      case "contract-merged":
        return say("merge", "POST", `${contract(act.contract)}:merge`, { into: act.into });
      case "file-imported":
        // Files come before the house opens and by a route of their own: this day is one of scans.
        return Promise.resolve();
    }
  };
  return { tell, record };
};
