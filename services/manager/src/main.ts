import { keepFolding } from "@tagwire/audit";
import { answer, ensureStream, openBus } from "@tagwire/bus";
import { AskSnapshot, Parked } from "@tagwire/messages";
import { runService } from "@tagwire/service";
import { faultOfStore, migrate, openStore } from "@tagwire/store";
import { answerAlertQuestions } from "./answers/alert-questions.ts";
import { answerAlertsSnapshot } from "./answers/alerts.ts";
import { answerAudits } from "./answers/audits.ts";
import { answerBoardQuestions } from "./answers/board-questions.ts";
import { getPushKey } from "./answers/push.ts";
import { answerSnapshot } from "./answers/snapshot.ts";
import type { TrialDesk } from "./answers/try-alert-rule.ts";
import { answerWebhooks } from "./answers/webhooks.ts";
import { readConfig } from "./config.ts";
import { deliverWebhooks } from "./delivering/deliveries.ts";
import { observeWebhooks, openWebhookMeters } from "./delivering/meters.ts";
import { openMailer } from "./drivers/mail.ts";
import { postWithin, publicReach } from "./drivers/post-bytes.ts";
import { openPusher } from "./drivers/push.ts";
import { deliverNotifications } from "./noticing/deliver.ts";
import { leadNotices } from "./noticing/lead.ts";
import { openLevels } from "./noticing/levels.ts";
import { openMessenger } from "./noticing/messenger.ts";
import { observeAlerts, openAlertMeters } from "./noticing/meters.ts";
import { tellCommitted, watchAlerts } from "./noticing/watch-alerts.ts";
import { followDevices } from "./prefetching/follow-devices.ts";
import { openPrefetchMeters } from "./prefetching/meters.ts";
import { leadWhenOurs } from "./projecting/lead.ts";
import { observeGauges, openMeters } from "./projecting/meters.ts";
import { watchSchema } from "./projecting/schema-watch.ts";
import { writeTimeoutMs } from "./projecting/write-timeout.ts";
import { migrations, schema } from "./store/migrations.ts";
import { noticesMigrations, noticesSchema } from "./store/notices-migrations.ts";
import { countParked } from "./store/sites.ts";
import { countByState } from "./store/webhooks.ts";

const writeConnectionsMax = 3;
const noticesConnectionsMax = 5;
const ledgerConnectionsMax = 6;

await runService("manager", async ({ env, log, use, ready }) => {
  const {
    databaseUrl,
    natsUrl,
    streamReplicas,
    alertsEveryMs,
    mail,
    pushContact,
    publicUrl,
    webhookNetworks,
    prefetchOff,
  } = readConfig(env);
  await migrate(databaseUrl, schema, migrations);
  await migrate(databaseUrl, noticesSchema, noticesMigrations);
  const store = use(await openStore({ url: databaseUrl, schema, name: "manager", log }));
  const rows = use(
    await openStore({
      url: databaseUrl,
      schema,
      name: "manager projection",
      log,
      connectionsMax: writeConnectionsMax,
      transactionTimeoutMs: writeTimeoutMs,
    }),
  );
  const notices = use(
    await openStore({
      url: databaseUrl,
      schema: noticesSchema,
      name: "manager notices",
      log,
      connectionsMax: noticesConnectionsMax,
      transactionTimeoutMs: writeTimeoutMs,
    }),
  );
  // Its own connections, so that a burst of deliveries keeps nobody waiting who looks after alerts.
  const ledger = use(
    await openStore({
      url: databaseUrl,
      schema: noticesSchema,
      name: "manager webhooks",
      log,
      connectionsMax: ledgerConnectionsMax,
      transactionTimeoutMs: writeTimeoutMs,
    }),
  );
  const bus = use(
    await openBus({ url: natsUrl, streamReplicas, name: "manager", log, faultOf: faultOfStore }),
  );
  await ensureStream(bus, Parked);
  use(watchSchema({ sql: store.sql, databaseUrl, log }));

  const leading = use(await leadWhenOurs({ bus, sql: rows.sql, databaseUrl, meters: openMeters(), log }));
  use(
    observeGauges({
      lagEvents: leading.lagEvents,
      lagSeconds: leading.lagSeconds,
      isLeading: leading.isLeading,
      parked: () => countParked(store.sql),
    }),
  );

  const mailer = mail === undefined ? undefined : use(openMailer(mail));
  const key = () => getPushKey(notices.sql);
  const pusher = openPusher({ key, contact: pushContact, post: postWithin(publicReach) });
  const messenger = openMessenger({ mailer, pusher, sql: notices.sql });
  const alerts = { bus, meters: openAlertMeters(), log, projection: store.sql };
  const desk: TrialDesk = {
    bus,
    sql: notices.sql,
    projection: store.sql,
    messenger,
    page: publicUrl,
    committed: (turns) => tellCommitted(alerts, turns),
    isMailSet: mailer !== undefined,
  };
  const endpoints = { bus, sql: ledger.sql, receiver: { networks: webhookNetworks } };
  const works = [
    watchAlerts({ ...alerts, notices: notices.sql, everyMs: alertsEveryMs }),
    deliverNotifications({ ...alerts, ...desk }),
    deliverWebhooks({ ...endpoints, meters: openWebhookMeters(), log }),
    followDevices({ bus, sql: notices.sql, projection: store.sql, meters: openPrefetchMeters(), log }),
  ];
  const noticing = use(await leadNotices({ sql: notices.sql, works, log }));
  use(observeAlerts(notices.sql, noticing.isLeading));
  use(observeWebhooks(() => countByState(ledger.sql)));
  use(answerWebhooks(endpoints));

  const levels = use(openLevels(bus, Date.now));
  use(
    answer(bus, AskSnapshot, async ({ view, ...question }) =>
      view === "alerts"
        ? answerAlertsSnapshot({ bus, sql: notices.sql }, question)
        : answerSnapshot(store.sql, { ...question, view }, Date.now()),
    ),
  );
  use(answerAlertQuestions(bus, { ...desk, reach: publicReach }));
  use(
    answerBoardQuestions(bus, {
      sql: store.sql,
      notices: notices.sql,
      prefetchOff,
      lastLevel: levels.lastLevel,
    }),
  );

  use(keepFolding(store.sql, log));
  for (const answering of answerAudits(bus, store.sql)) use(answering);

  ready("store", store.isAnswering);
  ready("notices", notices.isAnswering);
  ready("bus", bus.isAnswering);
  ready("projection", leading.isReady);
});
