import type { Bus } from "@tagwire/bus";
import {
  type AlertRule,
  type Position,
  positionText,
  type ThresholdParams,
  type WatchedBoard,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { boardOf } from "../actors/figure-pointer.ts";
import { forgetOldAlertMessages } from "../store/alert-messages.ts";
import { listAlertSites } from "../store/alert-sites.ts";
import { forgetOldAlerts } from "../store/alerts.ts";
import { forgetOldNotifications } from "../store/notifications.ts";
import type { CommittedTurns } from "./commit-turns.ts";
import { learnSites } from "./know-sites.ts";
import type { Work } from "./lead.ts";
import { openLevels } from "./levels.ts";
import { type LookOptions, lookAt } from "./look.ts";
import type { AlertMeters } from "./meters.ts";
import { repeat } from "./repeat.ts";
import { sayAlerts } from "./say-alerts.ts";

export type WatchOptions = {
  readonly bus: Bus;
  readonly projection: Sql;
  readonly notices: Sql;
  /** How often the rules of a site are looked at while nothing happens, in ms. */
  readonly everyMs: number;
  readonly meters: Pick<AlertMeters, "changed" | "looked">;
  readonly log: Logger;
};

/** After a commit a site is looked at so soon, in ms, unless it was looked at just before. */
const afterCommitMs = 1_000;
/** The limits are days, and the question goes through all items. */
const slowEveryMs = 60_000;
const sitesEveryMs = 30_000;
const tidyEveryMs = 3_600_000;

/** Boards whose figures are told from all items of a site, or from all that is kept of who scanned, or of what devices held. */
const slowBoards: ReadonlySet<WatchedBoard | undefined> = new Set([
  ...(["utilisation", "stale", "throughput", "prefetch"] as const),
]);

/** Whether what a rule asks is too much for every few seconds. */
const isSlow = ({ kind, params }: AlertRule): boolean =>
  kind === "stale" || (kind === "threshold" && slowBoards.has(boardOf((params as ThresholdParams).figure)));

type Last = { readonly atMs: number; readonly head: string };

/** Says what a commit changed, and counts it. */
export const tellCommitted = (
  { bus, meters }: { readonly bus: Bus; readonly meters: Pick<AlertMeters, "changed"> },
  turns: CommittedTurns,
): void => {
  sayAlerts(bus, turns, Date.now());
  for (const what of turns.changes) meters.changed(what);
};

/** Looks after the alerts of all sites for as long as this process leads. */
export const watchAlerts =
  (options: WatchOptions): Work =>
  (lease) => {
    const { bus, projection, notices, everyMs, meters, log } = options;
    const levels = openLevels(bus, Date.now);
    const lookedAt = new Map<string, Last>();
    const ruleLookedAtMs = new Map<string, number>();
    let sitesAtMs = Number.NEGATIVE_INFINITY;
    let tidiedAtMs = Date.now();

    const look: LookOptions = {
      ...{ bus, projection, notices, lease, isLevel: levels.isLevel, headOf: levels.headOf },
      committed: (turns) => tellCommitted({ bus, meters }, turns),
    };
    const textOf = (head: Position | undefined) => (head === undefined ? "" : positionText(head));

    const isSiteDue = (site: string, nowMs: number): boolean => {
      const last = lookedAt.get(site);
      if (last === undefined || nowMs - last.atMs >= everyMs) return true;
      return nowMs - last.atMs >= afterCommitMs && textOf(levels.headOf(site)) !== last.head;
    };
    const isRuleDue = (rule: AlertRule, nowMs: number): boolean => {
      const { id, kind, version } = rule;
      const lastMs = ruleLookedAtMs.get(`${id}:${version}`);
      if (lastMs === undefined) return true;
      if (isSlow(rule)) return nowMs - lastMs >= Math.max(slowEveryMs, everyMs);
      return kind !== "reader_silent" || nowMs - lastMs >= everyMs;
    };

    const lookAtSite = async (site: string, nowMs: number) => {
      lookedAt.set(site, { atMs: nowMs, head: textOf(levels.headOf(site)) });
      const due: string[] = [];
      const isDue = (rule: AlertRule) => {
        if (!isRuleDue(rule, nowMs)) return false;
        due.push(`${rule.id}:${rule.version}`);
        return true;
      };
      try {
        const looked = await lookAt(look, { site, nowMs, isDue });
        const done = new Set(looked.rules);
        for (const key of due) if (done.has(key.slice(0, key.indexOf(":")))) ruleLookedAtMs.set(key, nowMs);
        meters.looked((Date.now() - nowMs) / 1_000, done.size < due.length ? "held_back" : "whole");
      } catch (err) {
        meters.looked((Date.now() - nowMs) / 1_000, "failed");
        log.error({ err, site }, "alerts not looked at");
      }
    };

    const tidy = async () => {
      tidiedAtMs = Date.now();
      ruleLookedAtMs.clear();
      await inTransaction(notices, async (transaction) => {
        await lease.hold(transaction);
        await forgetOldNotifications(transaction);
        await forgetOldAlertMessages(transaction);
        await forgetOldAlerts(transaction);
      });
    };

    const round = async (isStopping: () => boolean) => {
      if (Date.now() - sitesAtMs >= sitesEveryMs) {
        sitesAtMs = Date.now();
        await learnSites(bus, notices).catch((err: unknown) => log.warn({ err }, "sites not learned"));
      }
      for (const { site } of await listAlertSites(notices)) {
        if (isStopping()) return;
        if (isSiteDue(site, Date.now())) await lookAtSite(site, Date.now());
      }
      if (Date.now() - tidiedAtMs >= tidyEveryMs) await tidy();
    };

    const repeating = repeat(round, {
      everyMs: Math.min(afterCommitMs, everyMs),
      failed: (err) => log.error({ err }, "alerts not looked after"),
    });
    return {
      stop: async () => {
        await repeating.stop();
        await levels.stop();
      },
    };
  };
