import type { Alert, AlertAct, AlertChange, AlertRule, AlertState, AlertSubject } from "@tagwire/messages";

/*
 * The life of an alert. There is one for each rule and group of what the rule finds, however often it comes back.
 *
 *   nothing ──found──► raised ──acknowledge──► acknowledged        nobody is told of it again, unless it grows; it is not escalated
 *                        │ └──escalateAfter──► escalated
 *                        └──snooze──► snoozed ──its time is over──► raised   (woke)
 *   any of them ──nothing is found, or a person──► resolved ──something new is found, or a person──► raised   (reopened)
 *
 * One that grows stays what it is: whoever acknowledged it has taken it up, is told of what came, and nobody above them is.
 * What a person resolved while it was still so stays resolved until something is found that was not there then.
 */

/** Of the things that an alert is about, so many are remembered by name; the others only count. */
export const subjectsMax = 1_000;

/** How far ahead an alert can be snoozed, in ms. */
export const snoozeMsMax = 30 * 24 * 3_600_000;

/** An alert as it is kept: with the names of its subjects, and since when somebody is waited for. */
export type HeldAlert = Omit<Alert, "examples" | "version"> & {
  readonly subjects: readonly AlertSubject[];
  readonly waitingSince: string;
};

/** What a rule finds of one group: everything counts, the longest of it first by name. */
export type Sight = { readonly count: number; readonly subjects: readonly AlertSubject[] };

/** When and of which position something was found. */
export type SightedAt = { readonly epoch: number; readonly pos: number; readonly nowMs: number };

export type Turn = { readonly alert: HeldAlert; readonly changes: readonly AlertChange[] };

/** Who did what nobody did. */
export const nobody = "tagwire";

type RuleFacts = Pick<
  AlertRule,
  "id" | "site" | "kind" | "name" | "severity" | "escalateAfterMinutes" | "escalateTo"
>;

/** As long as nobody took it up after it was escalated, an alert is as severe as its rule says of that. */
const severityOf = ({ severity, escalateTo }: RuleFacts, state: AlertState): AlertRule["severity"] =>
  state === "escalated" ? (escalateTo?.severity ?? severity) : severity;

const minuteMs = 60_000;
const iso = (atMs: number): string => new Date(atMs).toISOString();

const changed = (
  what: AlertChange["what"],
  count: number,
  atMs: number,
  { by, why = null }: { by: string; why?: string | null } = { by: nobody },
): AlertChange => ({ what, at: iso(atMs), by, why, count });

/** How many were found that the alert does not know; where not all have names, as many as there are more. */
const freshIn = (before: HeldAlert, sight: Sight): number => {
  const known = new Set(before.subjects.map(({ key }) => key));
  const fresh = sight.subjects.filter(({ key }) => !known.has(key)).length;
  const isOverfull = sight.count > sight.subjects.length || before.count > before.subjects.length;
  return isOverfull ? Math.min(fresh, Math.max(0, sight.count - before.count)) : fresh;
};

const isSame = (before: HeldAlert, sight: Sight): boolean =>
  before.count === sight.count &&
  before.subjects.length === sight.subjects.length &&
  before.subjects.every(({ key }, index) => key === sight.subjects[index]?.key);

/** What an alert says of itself is kept current at most so often, in ms, while it changes; and so often while it does not. */
export const refreshMsMin = 5_000;
export const refreshMsMax = 60_000;

/** Whether what the alert says is another thing by now, or only old: nobody is told of that, and it is no line of the history. */
const isOutdated = (before: HeldAlert, sight: Sight, nowMs: number): boolean => {
  const agoMs = nowMs - Date.parse(before.asOf);
  if (agoMs < refreshMsMin) return false;
  const isOther = before.subjects.some(({ since, detail }, index) => {
    const now = sight.subjects[index];
    return since !== now?.since || detail !== now.detail;
  });
  return isOther || agoMs >= refreshMsMax;
};

const raise = (
  sight: Sight,
  rule: RuleFacts,
  { id, group, at }: { id: string; group: string; at: SightedAt },
): Turn => {
  const now = iso(at.nowMs);
  return {
    alert: {
      ...{
        id,
        site: rule.site,
        rule: rule.id,
        kind: rule.kind,
        name: rule.name,
        severity: rule.severity,
        group,
      },
      ...{ state: "raised", count: sight.count, subjects: sight.subjects },
      ...{ openedAt: now, waitingSince: now, changedAt: now },
      ...{ acknowledgedBy: null, snoozedUntil: null, resolvedAt: null, resolvedBy: null },
      ...{ reopened: 0, notifiedAt: null, epoch: at.epoch, pos: at.pos, asOf: now },
    },
    changes: [changed("raised", sight.count, at.nowMs)],
  };
};

const opened = (alert: HeldAlert, nowMs: number): HeldAlert => ({
  ...alert,
  ...{ state: "raised", openedAt: iso(nowMs), waitingSince: iso(nowMs), changedAt: iso(nowMs) },
  ...{ acknowledgedBy: null, snoozedUntil: null, resolvedAt: null, resolvedBy: null },
  reopened: alert.reopened + 1,
});

const closed = (alert: HeldAlert, nowMs: number, resolvedBy: "itself" | "person"): HeldAlert => ({
  ...alert,
  ...{ state: "resolved", resolvedAt: iso(nowMs), resolvedBy, changedAt: iso(nowMs), snoozedUntil: null },
});

const isOver = (until: string | null, nowMs: number): boolean => until !== null && Date.parse(until) <= nowMs;

/** A snooze ends. */
const woken = (alert: HeldAlert, nowMs: number): HeldAlert => ({
  ...alert,
  state: "raised",
  snoozedUntil: null,
  waitingSince: iso(nowMs),
  changedAt: iso(nowMs),
});

const observeOpen = (before: HeldAlert, now: HeldAlert, facts: { fresh: number; nowMs: number }): Turn => {
  const { fresh, nowMs } = facts;
  const changes: AlertChange[] = [];
  let alert = now;
  if (before.state === "snoozed" && isOver(before.snoozedUntil, nowMs)) {
    alert = woken(alert, nowMs);
    changes.push(changed("woke", now.count, nowMs));
  }
  if (fresh > 0) changes.push(changed("grew", now.count, nowMs));
  else if (now.count < before.count) changes.push(changed("shrank", now.count, nowMs));
  if (changes.length > 0) alert = { ...alert, changedAt: iso(nowMs) };
  return { alert, changes };
};

/**
 * What becomes of an alert by what its rule finds now. Undefined when nothing changes, and when nothing is found and there is
 * no alert. A turn without changes only brings what the alert says up to date. `freshId` is the id of the alert if there was none.
 */
export const observe = (
  before: HeldAlert | undefined,
  sight: Sight,
  context: {
    readonly rule: RuleFacts;
    readonly group: string;
    readonly freshId: string;
    readonly at: SightedAt;
  },
): Turn | undefined => {
  const { rule, group, freshId, at } = context;
  if (before === undefined)
    return sight.count === 0 ? undefined : raise(sight, rule, { id: freshId, group, at });

  const { nowMs } = at;
  const sighted: HeldAlert = {
    ...before,
    ...{
      name: rule.name,
      severity: severityOf(rule, before.state),
      count: sight.count,
      subjects: sight.subjects,
    },
    ...{ epoch: at.epoch, pos: at.pos, asOf: iso(nowMs) },
  };
  const fresh = freshIn(before, sight);
  if (before.state === "resolved") {
    if (fresh > 0)
      return { alert: opened(sighted, nowMs), changes: [changed("reopened", sight.count, nowMs)] };
    return isSame(before, sight) ? undefined : { alert: sighted, changes: [] };
  }
  if (sight.count === 0)
    return { alert: closed(sighted, nowMs, "itself"), changes: [changed("resolved", 0, nowMs)] };
  const turn = observeOpen(before, sighted, { fresh, nowMs });
  const isRenamed = before.name !== rule.name || before.severity !== severityOf(rule, before.state);
  const isCurrent = !isRenamed && isSame(before, sight) && !isOutdated(before, sight, nowMs);
  return turn.changes.length === 0 && isCurrent ? undefined : turn;
};

/** How long a snooze waits, once its time is over, for a look that says whether it is still so; longer than looks are apart, in ms. */
export const wakeMsMax = 120_000;

/**
 * Time passes: a snooze ends, also while nobody can say how it is now, since whoever snoozed relies on being told. Undefined when nothing
 * changes.
 */
export const wake = (before: HeldAlert, nowMs: number): Turn | undefined => {
  if (before.state !== "snoozed" || !isOver(before.snoozedUntil, nowMs - wakeMsMax)) return undefined;
  return { alert: woken(before, nowMs), changes: [changed("woke", before.count, nowMs)] };
};

/** Time passes: an alert that nobody took up within its rule's time is escalated. Undefined when nothing changes. */
export const escalate = (before: HeldAlert, rule: RuleFacts, nowMs: number): Turn | undefined => {
  const { escalateAfterMinutes } = rule;
  if (before.state !== "raised" || escalateAfterMinutes === null) return undefined;
  if (nowMs - Date.parse(before.waitingSince) < escalateAfterMinutes * minuteMs) return undefined;
  return {
    alert: { ...before, state: "escalated", severity: severityOf(rule, "escalated"), changedAt: iso(nowMs) },
    changes: [changed("escalated", before.count, nowMs)],
  };
};

/** The rule does not look any more: what it found is over, and would be new if it looked again. */
export const letGo = (
  before: HeldAlert,
  { by, why, nowMs }: { by: string; why: string; nowMs: number },
): Turn | undefined => {
  const alert: HeldAlert = { ...before, count: 0, subjects: [] };
  if (before.state === "resolved") return before.subjects.length === 0 ? undefined : { alert, changes: [] };
  return {
    alert: closed(alert, nowMs, "person"),
    changes: [changed("resolved", 0, nowMs, { by, why })],
  };
};

type Answer = "done" | "already" | "refused";

/** What a person may do in which state. No blanks, so that the compiler asks about every pair. */
const answers: Readonly<Record<AlertState, Readonly<Record<AlertAct, Answer>>>> = {
  raised: { acknowledge: "done", snooze: "done", resolve: "done", reopen: "already" },
  acknowledged: { acknowledge: "already", snooze: "done", resolve: "done", reopen: "done" },
  snoozed: { acknowledge: "done", snooze: "done", resolve: "done", reopen: "done" },
  escalated: { acknowledge: "done", snooze: "done", resolve: "done", reopen: "already" },
  resolved: { acknowledge: "refused", snooze: "refused", resolve: "already", reopen: "done" },
};

export type PersonalAct = {
  readonly act: AlertAct;
  readonly by: string;
  readonly why: string | null;
  /** Until when, for a snooze. */
  readonly until?: string | undefined;
};

/** What a person does with an alert; `already` when it is so, and the reason when it cannot be done. */
export const act = (
  before: HeldAlert,
  done: PersonalAct,
  nowMs: number,
): Turn | "already" | { readonly refused: string } => {
  const answer = answers[before.state][done.act];
  if (answer === "already") return "already";
  if (answer === "refused") return { refused: `${done.act} of an alert that is ${before.state}` };
  const { by, why } = done;
  const told = (what: AlertChange["what"], alert: HeldAlert): Turn => ({
    alert: { ...alert, changedAt: iso(nowMs) },
    changes: [changed(what, alert.count, nowMs, { by, why })],
  });
  switch (done.act) {
    case "acknowledge":
      return told("acknowledged", {
        ...before,
        state: "acknowledged",
        acknowledgedBy: by,
        snoozedUntil: null,
      });
    case "snooze": {
      const untilMs = Date.parse(done.until ?? "");
      if (!(untilMs > nowMs && untilMs <= nowMs + snoozeMsMax))
        return { refused: "until is a moment within the next 30 days" };
      return told("snoozed", { ...before, state: "snoozed", snoozedUntil: iso(untilMs) });
    }
    case "resolve":
      return told("resolved", closed(before, nowMs, "person"));
    case "reopen":
      if (before.subjects.length === 0) return { refused: "what it was about is over" };
      return told("reopened", opened(before, nowMs));
  }
};
