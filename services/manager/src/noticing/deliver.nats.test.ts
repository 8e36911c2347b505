import { type CreateAlertRule, channelKinds, newId, type QuietHours } from "@tagwire/messages";
import { inTransaction } from "@tagwire/store";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { actOnAlert, answerAlert } from "../answers/alerts.ts";
import {
  addPushSubscription,
  answerPushSubscriptions,
  deletePushSubscription,
  getPushKey,
} from "../answers/push.ts";
import { tryAlertRule } from "../answers/try-alert-rule.ts";
import { openMailer } from "../drivers/mail.ts";
import { postWithin } from "../drivers/post-bytes.ts";
import { openPusher } from "../drivers/push.ts";
import { claimNotifications, holdQuiet } from "../store/notifications.ts";
import { type SampleAlerts, sampleAlerts } from "../test-alerts.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { testMailServer } from "../test-mail-server.ts";
import { isSignedBy, localReach, testPushService } from "../test-push-service.ts";
import { deliverOnce } from "./deliver.ts";
import { attemptsMax, openMessenger, retryMs } from "./messenger.ts";

const page = "https://tagwire.example/";
const site = "north";
const by = { person: "ann" };
const minuteMs = 60_000;
const to = ["floor@example.com"];
const email: CreateAlertRule["channels"] = [{ kind: "in_app" }, { kind: "email", to }];

const stock = (count: number): SampleLog => {
  const log = sampleLog({ site });
  for (let at = 0; at < count; at += 1)
    log.happen({ kind: "create", tag: `T${at}`, class: "tent", status: "ready" });
  return log;
};

/** Alerts, and real servers that take what is told of them. */
const openTold = async (log: SampleLog) => {
  const stack = new AsyncDisposableStack();
  const alerts = stack.use(await sampleAlerts(log));
  const mails = stack.use(await testMailServer());
  const pushes = stack.use(await testPushService());
  const mailer = openMailer({ url: mails.url, from: "tagwire@example.org" });
  stack.defer(mailer.close);
  const key = () => getPushKey(alerts.notices);
  const pusher = openPusher({ key, contact: "mailto:ops@example.org", post: postWithin(localReach) });
  const messenger = openMessenger({ mailer, pusher, sql: alerts.notices });
  const deliver = (nowMs: number) =>
    deliverOnce(
      {
        ...{ sql: alerts.notices, messenger, page, committed: alerts.desk.committed, log: alerts.bus.log },
        ...{ meters: { notified: () => {} }, lease: { hold: async () => {} } },
      },
      nowMs,
    );
  return { alerts, mails, pushes, deliver, messenger, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

/** One more item goes missing, and somebody looks. */
const lose = async (alerts: SampleAlerts, log: SampleLog, tag: string, nowMs: number) => {
  log.happen({ kind: "move", tag, status: "missing" });
  await alerts.project();
  await alerts.look(nowMs);
};

const ledger = async ({ notices }: SampleAlerts) =>
  notices<{ line: string }[]>`
    select concat_ws(' ', what, channel, state, why) as line from notification order by created_at, id`.then(
    (rows) => rows.map(({ line }) => line),
  );

const missing = (more: Partial<CreateAlertRule> = {}): CreateAlertRule => ({
  ...{ kind: "missing", name: "Missing tents", params: {}, channels: email },
  ...(more as object),
});

test("what is raised is mailed once, with what it is about", async () => {
  const log = stock(3);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  await alerts.onlyRule(missing({ severity: "critical" }));
  const nowMs = Date.now();
  await lose(alerts, log, "T1", nowMs);
  await deliver(nowMs);
  await deliver(nowMs + minuteMs);
  expect(mails.received).toHaveLength(1);
  expect(mails.received[0]?.to).toEqual(to);
  expect(mails.received[0]?.headers.get("subject")).toBe("Critical: Missing tents (The north depot)");
  expect(mails.received[0]?.text).toContain("1 item is missing");
  expect(mails.received[0]?.text).toContain("T1, tent, since ");
  expect(mails.received[0]?.text).toContain(`${page}#/north/items/T1`);
  expect(await ledger(alerts)).toEqual(["raised in_app sent", "raised email sent"]);
});

test("a mail server that does not take it is asked again, under the same id, and not for ever", async () => {
  const log = stock(3);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  await alerts.onlyRule(missing());
  let nowMs = Date.now();
  await lose(alerts, log, "T1", nowMs);
  mails.replies.push(451, 451);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await deliver(nowMs);
    // Before its time it is left alone.
    expect(await deliver(nowMs + retryMs(attempt) - 1)).toBe(0);
    nowMs += retryMs(attempt);
  }
  const [row] = await alerts.notices<{ id: string; attempts: number; state: string }[]>`
    select id, attempts, state from notification where channel = 'email'`;
  expect(row).toMatchObject({ attempts: 3, state: "sent" });
  expect(mails.received.map(({ headers }) => headers.get("message-id"))).toEqual([
    `<${row?.id}@example.org>`,
  ]);

  await lose(alerts, log, "T2", nowMs);
  mails.replies.push(...Array.from({ length: 50 }, () => 451));
  for (let attempt = 1; attempt <= attemptsMax + 2; attempt += 1) {
    await deliver(nowMs);
    nowMs += retryMs(attempt);
  }
  expect(await ledger(alerts)).toContain("grew email failed mail.unreachable");
  expect(mails.replies).toHaveLength(50 - attemptsMax);

  await lose(alerts, log, "T0", nowMs);
  mails.replies.splice(0, mails.replies.length, 550);
  await deliver(nowMs);
  expect((await ledger(alerts)).at(-1)).toBe("grew email failed mail.refused");
});

test("a sender that died after it took a line: the line is sent all the same, under its id", async () => {
  const log = stock(3);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  await alerts.onlyRule(missing());
  const nowMs = Date.now();
  await lose(alerts, log, "T1", nowMs);
  const [taken] = await inTransaction(alerts.notices, (transaction) =>
    claimNotifications(transaction, { nowMs, limit: 10, retryMs }),
  );
  expect(await deliver(nowMs)).toBe(0);
  await deliver(nowMs + retryMs(1));
  expect(mails.received[0]?.headers.get("message-id")).toBe(`<${taken?.id}@example.org>`);
});

const allDay: QuietHours = { from: "00:00", to: "00:00" };

test("quiet hours delay the telling and not the alert; what somebody took up by then is not told any more", async () => {
  const log = stock(4);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  // In the night in which clocks go forward in Berlin: from 20:00 to 06:00 are nine hours.
  const eveningMs = Date.parse("2026-03-28T19:00:00Z");
  const morningMs = Date.parse("2026-03-29T04:00:00Z");
  await alerts.onlyRule(missing({ quietHours: { from: "20:00", to: "06:00" } }));
  await lose(alerts, log, "T1", eveningMs);
  const [alert] = await alerts.alerts();
  expect(alert).toMatchObject({ state: "raised", notifiedAt: null });
  await deliver(morningMs - 1);
  expect(mails.received).toEqual([]);
  expect(await ledger(alerts)).toEqual(["raised in_app suppressed quiet", "raised email suppressed quiet"]);
  await deliver(morningMs);
  expect(mails.received).toHaveLength(1);
  expect((await alerts.alerts())[0]?.notifiedAt).toBe(new Date(morningMs).toISOString());
  await eventually("the call is heard", () => alerts.heard.length === 2);
  expect(alerts.heard[1]).toMatchObject({ prev: 1, pos: 2, changes: [{ put: { state: "raised" } }] });

  const nextMs = eveningMs + 24 * 60 * minuteMs;
  await lose(alerts, log, "T2", nextMs);
  await actOnAlert(alerts.desk, { site, id: alert?.id ?? "", by, act: "acknowledge" });
  await deliver(nextMs + 24 * 60 * minuteMs);
  expect(mails.received).toHaveLength(1);
  expect((await ledger(alerts)).slice(2)).toEqual([
    "grew in_app suppressed ended",
    "grew email suppressed ended",
  ]);
});

test("what is tried again, and what a digest waited for, is not told in quiet hours either", async () => {
  const log = stock(12);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  const eveningMs = Date.parse("2026-03-02T19:00:00Z");
  const morningMs = Date.parse("2026-03-03T05:00:00Z");
  const quietHours = { from: "20:00", to: "06:00" };
  await alerts.onlyRule(missing({ quietHours, channels: [{ kind: "email", to }] }));
  mails.replies.push(451);
  await lose(alerts, log, "T0", eveningMs - 10_000);
  await deliver(eveningMs - 10_000);
  expect(await ledger(alerts)).toEqual(["raised email pending mail.unreachable"]);
  await deliver(eveningMs - 10_000 + retryMs(1));
  expect(mails.received).toEqual([]);
  expect(await ledger(alerts)).toEqual(["raised email suppressed quiet"]);
  await deliver(morningMs - 1);
  expect(mails.received).toEqual([]);
  await deliver(morningMs);
  expect(mails.received).toHaveLength(1);

  // Eight within the hour before it is quiet: two of them wait for a digest that would come due in the night.
  const nextMs = eveningMs + 24 * 60 * minuteMs;
  for (let minute = 1; minute <= 8; minute += 1) {
    const nowMs = nextMs - (20 - minute) * minuteMs;
    await lose(alerts, log, `T${minute}`, nowMs);
    await deliver(nowMs);
  }
  expect(mails.received).toHaveLength(7);
  await deliver(nextMs + 2 * 60 * minuteMs);
  expect(mails.received).toHaveLength(7);
  await deliver(morningMs + 24 * 60 * minuteMs);
  expect(mails.received).toHaveLength(8);
  expect((await ledger(alerts)).at(-1)).toBe("digest email sent");
});

test("what nobody takes up goes to others, as severe as the rule says, also in quiet hours; acknowledged it grows and is not escalated", async () => {
  const log = stock(4);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  const chief = ["chief@example.com"];
  const eveningMs = Date.parse("2026-03-02T18:55:00Z");
  await alerts.onlyRule(
    missing({
      ...{ quietHours: { from: "20:00", to: "06:00" }, channels: [{ kind: "email", to }] },
      ...{
        escalateAfterMinutes: 10,
        escalateTo: { channels: [{ kind: "email", to: chief }], severity: "critical" },
      },
    }),
  );
  await lose(alerts, log, "T0", eveningMs);
  await deliver(eveningMs);
  expect(mails.received).toHaveLength(1);
  const nightMs = eveningMs + 10 * minuteMs;
  await alerts.look(nightMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "escalated", severity: "critical" }]);
  await deliver(nightMs);
  const addressees = () => mails.received.map(({ headers }) => headers.get("to"));
  expect(addressees().slice(1).sort()).toEqual([...chief, ...to].sort());
  const id = (await alerts.alerts())[0]?.id ?? "";
  await actOnAlert(alerts.desk, { site, id, by, act: "acknowledge" });
  // It is as severe as its rule says again, and growth is told to the people of the rule, after the night.
  await lose(alerts, log, "T1", nightMs + minuteMs);
  await alerts.look(nightMs + 60 * minuteMs);
  expect(await alerts.alerts()).toMatchObject([{ state: "acknowledged", severity: "warning", count: 2 }]);
  expect(await alerts.historyOf(id)).toEqual(["raised", "escalated", "acknowledged", "grew"]);
  expect((await ledger(alerts)).at(-1)).toBe("grew email suppressed quiet");
});

test.each([
  { channels: [{ kind: "push" as const }], line: "raised push suppressed no_recipient" },
  { channels: [], line: "raised in_app suppressed no_recipient" },
])("that nobody is told by $channels stands in the ledger", async ({ channels, line }) => {
  const log = stock(2);
  await using told = await openTold(log);
  const { alerts, deliver } = told;
  await alerts.onlyRule(missing({ channels }));
  const nowMs = Date.now();
  await lose(alerts, log, "T0", nowMs);
  expect(await deliver(nowMs + minuteMs)).toBe(0);
  expect(await ledger(alerts)).toEqual([line]);
});

test("several that were held back become one, and what is critical is not held back", async () => {
  const log = stock(4);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  const rule = await alerts.onlyRule(missing({ quietHours: allDay, channels: [{ kind: "email", to }] }));
  const nowMs = Date.now();
  for (const [index, tag] of ["T0", "T1", "T2"].entries())
    await lose(alerts, log, tag, nowMs + index * minuteMs);
  await deliver(nowMs + 27 * 60 * minuteMs);
  expect(await ledger(alerts)).toEqual([
    ...["raised email suppressed folded", "grew email suppressed folded", "grew email suppressed folded"],
    "digest email sent",
  ]);
  expect(mails.received).toHaveLength(1);
  expect(mails.received[0]?.text).toContain("3 items are missing");

  await alerts.notices`update alert_rule set severity = 'critical', version = version + 1 where id = ${rule}`;
  const laterMs = nowMs + 30 * 60 * minuteMs;
  await lose(alerts, log, "T3", laterMs);
  await deliver(laterMs);
  expect(mails.received).toHaveLength(2);
});

test("no storm: an address is told six times an hour, and of the rest together", async () => {
  const log = stock(40);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  await alerts.onlyRule(missing({ channels: [{ kind: "email", to }] }));
  const nowMs = Date.now();
  for (let minute = 0; minute < 30; minute += 1) {
    await lose(alerts, log, `T${minute}`, nowMs + minute * minuteMs);
    await deliver(nowMs + minute * minuteMs);
  }
  expect(mails.received).toHaveLength(6);
  await deliver(nowMs + 60 * minuteMs);
  expect(mails.received).toHaveLength(7);
  expect(mails.received[6]?.text).toContain("30 items are missing");
  const lines = await ledger(alerts);
  expect(lines.filter((line) => line === "grew email suppressed folded")).toHaveLength(24);
});

test("many readers at once are no storm either", async () => {
  const log = stock(1);
  await using told = await openTold(log);
  const { alerts, mails, deliver } = told;
  await alerts.onlyRule({
    ...{ kind: "reader_silent", name: "Reader", params: { minutes: 1 } },
    channels: [{ kind: "email", to }],
  });
  await alerts.project();
  alerts.readers.now = Array.from({ length: 30 }, (_, at) => ({
    ...{ id: `r${at}`, enabled: true, status: "backoff" as const },
    counts: { reads: 0 } as never,
  }));
  const nowMs = Date.now();
  for (const minute of [0, 1]) await alerts.look(nowMs + minute * minuteMs);
  for (const minute of [1, 62]) while ((await deliver(nowMs + minute * minuteMs)) > 0);
  expect(mails.received).toHaveLength(7);
  expect(mails.received[6]?.headers.get("subject")).toContain("24 alerts");
});

test("a browser that subscribed gets a push, sealed for it; one that has left is forgotten", async () => {
  const log = stock(3);
  await using told = await openTold(log);
  const { alerts, pushes, deliver } = told;
  const desk = { sql: alerts.notices, reach: localReach };
  const principal = "session/ann";
  const { subscription } = await addPushSubscription(desk, { principal, subscription: pushes.subscription });
  expect(subscription.origin).toBe(pushes.origin);
  expect(JSON.stringify(subscription)).not.toContain("/push/one");
  // The same browser again is the same subscription; another site's is not told of this one.
  const again = await addPushSubscription(desk, { principal, subscription: pushes.subscription });
  expect(again.subscription.id).toBe(subscription.id);
  const elsewhere = { ...pushes.subscription, endpoint: `${pushes.origin}/push/two`, sites: ["south"] };
  await addPushSubscription(desk, { principal: "session/bob", subscription: elsewhere });

  await alerts.onlyRule(missing({ channels: [{ kind: "push" }] }));
  const nowMs = Date.now();
  await lose(alerts, log, "T1", nowMs);
  await deliver(nowMs);
  const [alert] = await alerts.alerts();
  expect(pushes.received).toHaveLength(1);
  expect(pushes.received[0]?.payload).toMatchObject({
    ...{
      site,
      what: "raised",
      alert: alert?.id,
      severity: "warning",
      title: "Warning: Missing tents (The north depot)",
    },
  });
  const { publicKey } = await getPushKey(alerts.notices);
  expect(isSignedBy(pushes.received[0]?.headers ?? {}, publicKey, pushes.origin)).toBe(true);

  pushes.answers.push(410);
  await lose(alerts, log, "T2", nowMs + minuteMs);
  await deliver(nowMs + minuteMs);
  expect(await ledger(alerts)).toEqual(["raised push sent", "grew push failed push.gone"]);
  expect(await answerPushSubscriptions(alerts.notices, { principal })).toEqual({ subscriptions: [] });
  expect(await deletePushSubscription(alerts.notices, { principal, id: newId() })).toEqual({
    deleted: false,
  });
});

test("the key is made once, however many ask at once", async () => {
  await using alerts = await sampleAlerts(stock(1));
  const keys = await Promise.all(Array.from({ length: 5 }, () => getPushKey(alerts.notices)));
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
});

test("a rule is tested without anything being raised, and without waiting for the morning", async () => {
  const log = stock(3);
  await using told = await openTold(log);
  const { alerts, mails, messenger } = told;
  const id = await alerts.onlyRule(missing({ quietHours: allDay }));
  log.happen({ kind: "move", tag: "T1", status: "missing" });
  await alerts.project();
  const desk = { ...alerts.desk, projection: alerts.projection, messenger, page };
  const tested = await tryAlertRule(desk, { site, id });
  expect(tested).toMatchObject({ holds: true, count: 1, examples: [{ key: "T1" }], pos: log.events.length });
  expect(tested.notifications).toMatchObject([
    { channel: "email", what: "test", state: "sent", attempts: 1 },
  ]);
  expect(mails.received[0]?.headers.get("subject")).toBe("Test: Warning: Missing tents (The north depot)");
  expect(mails.received[0]?.text).toContain(`${page}#/north/items/T1`);
  expect(await alerts.alerts()).toEqual([]);
  mails.replies.push(451);
  const failed = await tryAlertRule(desk, { site, id });
  expect(failed.notifications).toMatchObject([{ state: "failed", why: "mail.unreachable" }]);
  await expect(tryAlertRule(desk, { site, id: newId() })).rejects.toMatchObject({
    code: "alert_rule_unknown",
  });
});

test("without a mail server the ledger says so, and the alert is raised all the same", async () => {
  const log = stock(2);
  await using told = await openTold(log);
  const { alerts } = told;
  await alerts.onlyRule(missing());
  const nowMs = Date.now();
  await lose(alerts, log, "T1", nowMs);
  const silent = openMessenger({ mailer: undefined, pusher: async () => {}, sql: alerts.notices });
  await deliverOnce(
    {
      ...{ sql: alerts.notices, messenger: silent, committed: alerts.desk.committed, log: alerts.bus.log },
      ...{ meters: { notified: () => {} }, lease: { hold: async () => {} } },
    },
    nowMs,
  );
  const { alert } = await answerAlert(alerts.desk, { site, id: (await alerts.alerts())[0]?.id ?? "" });
  expect(alert?.notifications.map(({ channel, state, why }) => [channel, state, why])).toEqual([
    ["email", "failed", "mail.unset"],
    ["in_app", "sent", null],
  ]);
});

test("what is quiet is held however many other lines are due before it", async () => {
  const log = stock(2);
  await using told = await openTold(log);
  const { alerts } = told;
  const { notices: sql } = alerts;
  const nowMs = Date.parse("2026-03-28T19:00:00Z");
  await alerts.onlyRule(missing({ quietHours: { from: "20:00", to: "06:00" } }));
  await lose(alerts, log, "T1", nowMs);
  const loud = newId();
  await sql`
    insert into alert_rule select made.* from alert_rule rule, json_populate_record(null::alert_rule,
      (to_jsonb(rule) || jsonb_build_object('id', ${loud}::text, 'quiet_hours', '{"from":"12:00","to":"13:00"}'::jsonb))::json) made`;
  await sql`
    insert into notification select made.* from (select * from notification limit 1) line, generate_series(1, 2500) n,
      json_populate_record(null::notification, (to_jsonb(line) || jsonb_build_object('id', '01990000-0000-7000-8000-' || lpad(n::text, 12, '0'),
        'rule', ${loud}::text,
        'state', 'pending', 'why', null, 'due_at', ${new Date(nowMs - minuteMs).toISOString()}::text))::json) made`;
  await sql`update notification set state = 'pending', why = null, due_at = ${new Date(nowMs).toISOString()}::text::timestamptz
    where rule <> ${loud}::text::uuid`;
  await inTransaction(sql, (transaction) =>
    holdQuiet(transaction, { nowMs, channels: channelKinds }, ({ from }) =>
      from === "20:00" ? nowMs + minuteMs : undefined,
    ),
  );
  const states = await sql`
    select rule = ${loud}::text::uuid as loud, state, why, count(*)::int as count from notification group by 1, 2, 3 order by 1`;
  expect(states).toEqual([
    { loud: false, state: "suppressed", why: "quiet", count: 2 },
    { loud: true, state: "pending", why: null, count: 2_500 },
  ]);
});
