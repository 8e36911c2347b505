import { answer, type Bus } from "@tagwire/bus";
import {
  AskActOnAlert,
  AskAddPushSubscription,
  AskAlert,
  AskAlertRules,
  AskAlerts,
  AskCreateAlertRule,
  AskDeleteAlertRule,
  AskDeletePushSubscription,
  AskPatchAlertRule,
  AskPushKey,
  AskPushSubscriptions,
  AskTestAlertRule,
} from "@tagwire/messages";
import type { Reach } from "../drivers/post-bytes.ts";
import { answerAlertRules, createAlertRule, deleteAlertRule, patchAlertRule } from "./alert-rules.ts";
import { actOnAlert, answerAlert, answerAlerts } from "./alerts.ts";
import { addPushSubscription, answerPushSubscriptions, deletePushSubscription, getPushKey } from "./push.ts";
import { type TrialDesk, tryAlertRule } from "./try-alert-rule.ts";

/** Answers everything that may be asked of alerts, in any process: only looking after them needs the lease. */
export const answerAlertQuestions = (
  bus: Bus,
  desk: TrialDesk & { readonly reach: Reach },
): { readonly stop: () => Promise<void> } => {
  const subscriptions = [
    answer(bus, AskAlertRules, ({ site }) => answerAlertRules(desk, site)),
    answer(bus, AskCreateAlertRule, (question) => createAlertRule(desk, question)),
    answer(bus, AskPatchAlertRule, (question) => patchAlertRule(desk, question)),
    answer(bus, AskDeleteAlertRule, (question) => deleteAlertRule(desk, question)),
    answer(bus, AskAlerts, (question) => answerAlerts(desk, question)),
    answer(bus, AskAlert, (question) => answerAlert(desk, question)),
    answer(bus, AskActOnAlert, (question) => actOnAlert(desk, question)),
    answer(bus, AskTestAlertRule, (question) => tryAlertRule(desk, question)),
    answer(bus, AskPushKey, async () => ({ key: (await getPushKey(desk.sql)).publicKey })),
    answer(bus, AskPushSubscriptions, (question) => answerPushSubscriptions(desk.sql, question)),
    answer(bus, AskAddPushSubscription, (question) => addPushSubscription(desk, question)),
    answer(bus, AskDeletePushSubscription, (question) => deletePushSubscription(desk.sql, question)),
  ];
  return {
    stop: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    },
  };
};
