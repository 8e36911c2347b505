import type { AlertChangeKind, AlertState } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { HeldAlert } from "./alert.ts";
import { endsWaiting, planNotifications, recipientsOf, worthTelling } from "./notification-plan.ts";

const turn = (state: AlertState, ...whats: AlertChangeKind[]) => ({
  alert: { state } as HeldAlert,
  changes: whats.map((what) => ({ what, at: "", by: "", why: null, count: 1 })),
});

test.each<[AlertState, AlertChangeKind[], AlertChangeKind | undefined]>([
  ["raised", ["raised"], "raised"],
  ["raised", ["woke", "grew"], "woke"],
  ["escalated", ["woke", "escalated"], "escalated"],
  ["acknowledged", ["grew"], "grew"],
  ["snoozed", ["grew"], undefined],
  ["acknowledged", ["acknowledged"], undefined],
  ["raised", ["shrank"], undefined],
  ["resolved", ["resolved"], undefined],
])("%s by %j is told as %s", (state, whats, told) => {
  expect(worthTelling(turn(state, ...whats))).toBe(told);
});

test("what waits is no news once somebody took it up, or it is over", () => {
  expect(endsWaiting(turn("resolved", "resolved"))).toBe(true);
  expect(endsWaiting(turn("acknowledged", "acknowledged"))).toBe(true);
  expect(endsWaiting(turn("snoozed", "snoozed"))).toBe(true);
  expect(endsWaiting(turn("acknowledged", "grew"))).toBe(false);
});

test("each address of each channel is a recipient, and a push goes to all who listen", () => {
  const to = ["a@example.com", "b@example.com"];
  expect(recipientsOf([{ kind: "in_app" }, { kind: "email", to }, { kind: "push" }], ["s1"])).toEqual([
    { channel: "in_app", address: "" },
    { channel: "email", address: "a@example.com" },
    { channel: "email", address: "b@example.com" },
    { channel: "push", address: "s1" },
  ]);
});

const nowMs = Date.parse("2026-01-10T22:00:00Z");
const recipients = [{ channel: "in_app", address: "" }] as const;
const plan = (severity: "warning" | "critical", told: readonly number[], quiet = true) =>
  planNotifications(
    {
      what: "raised",
      rule: { severity, quietHours: quiet ? { from: "20:00", to: "06:00" } : null },
      recipients,
    },
    { nowMs, timeZone: "UTC", recentlyTold: () => told },
  );

test("in quiet hours only what is critical is told", () => {
  expect(plan("warning", [])).toMatchObject([
    { state: "suppressed", why: "quiet", dueAtMs: Date.parse("2026-01-11T06:00:00Z") },
  ]);
  expect(plan("critical", [])).toMatchObject([{ state: "pending", dueAtMs: nowMs }]);
});

test("who was told six times within the hour is told the rest together, when the first is an hour ago", () => {
  const told = [50, 40, 30, 20, 10].map((minutes) => nowMs - minutes * 60_000);
  expect(plan("warning", told, false)).toMatchObject([{ state: "pending" }]);
  expect(plan("warning", [nowMs - 55 * 60_000, ...told], false)).toMatchObject([
    { state: "suppressed", why: "digest", dueAtMs: nowMs + 5 * 60_000 },
  ]);
});
