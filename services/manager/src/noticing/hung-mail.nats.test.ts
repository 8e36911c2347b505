import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { addPushSubscription, getPushKey } from "../answers/push.ts";
import { openMailer } from "../drivers/mail.ts";
import { postWithin } from "../drivers/post-bytes.ts";
import { openPusher } from "../drivers/push.ts";
import { sampleAlerts } from "../test-alerts.ts";
import { sampleLog } from "../test-log.ts";
import { localReach, testPushService } from "../test-push-service.ts";
import { deliverNotifications } from "./deliver.ts";
import { openMessenger } from "./messenger.ts";

/** A mail server that takes connections and never says a word, until it hangs up on everybody. */
const hungMailServer = async () => {
  const sockets = new Set<Socket>();
  let isOver = false;
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (isOver) socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    hangUp: () => {
      isOver = true;
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
};

/** Far below what a mail server may take to greet. */
const soonMs = 5_000;

test("a mail server that hangs keeps nobody else from being told", async () => {
  const log = sampleLog({ site: "north" });
  log.happen({ kind: "create", tag: "T1", class: "tent", status: "ready" });
  log.happen({ kind: "create", tag: "T2", class: "tent", status: "ready" });
  await using alerts = await sampleAlerts(log);
  await using pushes = await testPushService();
  await using mails = await hungMailServer();
  const mailer = openMailer({ url: mails.url, from: "tagwire@example.org" });
  const pusher = openPusher({
    ...{ key: () => getPushKey(alerts.notices), contact: "mailto:ops@example.org" },
    post: postWithin(localReach),
  });
  const subscribing = { sql: alerts.notices, reach: localReach };
  const { subscription } = pushes;
  const away = { ...subscription, endpoint: `${pushes.origin}/push/away`, sites: ["south"] };
  await addPushSubscription(subscribing, { principal: "session/bob", subscription: away });
  const channels = [{ kind: "email" as const, to: ["a@example.com"] }, { kind: "push" as const }];
  await alerts.onlyRule({ kind: "missing", name: "Missing tents", params: {}, channels });
  const lose = async (tag: string) => {
    log.happen({ kind: "move", tag, status: "missing" });
    await alerts.project();
    await alerts.look(Date.now());
  };

  const delivering = deliverNotifications({
    ...{ sql: alerts.notices, messenger: openMessenger({ mailer, pusher, sql: alerts.notices }) },
    ...{ committed: alerts.desk.committed, log: alerts.bus.log, meters: { notified: () => {} } },
  })({ hold: async () => {} });
  await lose("T1");
  await eventually("the mail is on its way", () => mails.connections() > 0);
  await addPushSubscription(subscribing, { principal: "session/ann", subscription });
  await lose("T2");
  await eventually("the browser is told", () => pushes.received.length === 1, soonMs);
  expect(pushes.received[0]?.payload).toMatchObject({ what: "grew" });
  mails.hangUp();
  await delivering.stop();
  await mailer.close();
});
