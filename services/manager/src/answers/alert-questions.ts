import { answer, type Bus } from "@tagwire/bus";
import {
  AskActOnAlert,
  AskAlert,
  AskAlertRules,
  AskAlerts,
  AskCreateAlertRule,
  AskDeleteAlertRule,
  AskPatchAlertRule,
} from "@tagwire/messages";
import {
  type AlertDesk,
  answerAlertRules,
  createAlertRule,
  deleteAlertRule,
  patchAlertRule,
} from "./alert-rules.ts";
import { actOnAlert, answerAlert, answerAlerts } from "./alerts.ts";

/** Answers everything that may be asked of alerts, in any process: only looking after them needs the lease. */
export const answerAlertQuestions = (bus: Bus, desk: AlertDesk): { readonly stop: () => Promise<void> } => {
  const subscriptions = [
    answer(bus, AskAlertRules, ({ site }) => answerAlertRules(desk, site)),
    answer(bus, AskCreateAlertRule, (question) => createAlertRule(desk, question)),
    answer(bus, AskPatchAlertRule, (question) => patchAlertRule(desk, question)),
    answer(bus, AskDeleteAlertRule, (question) => deleteAlertRule(desk, question)),
    answer(bus, AskAlerts, (question) => answerAlerts(desk, question)),
    answer(bus, AskAlert, (question) => answerAlert(desk, question)),
    answer(bus, AskActOnAlert, (question) => actOnAlert(desk, question)),
  ];
  return {
    stop: async () => {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    },
  };
};
