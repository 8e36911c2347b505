import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const env = { DATABASE_URL: "postgres://u@127.0.0.1/db", NATS_URL: "nats://127.0.0.1:4222" };

test("without mail there is none, and looks are five seconds apart", () => {
  expect(readConfig(env)).toMatchObject({
    ...{ mail: undefined, alertsEveryMs: 5_000, pushContact: "mailto:tagwire@localhost" },
  });
});

test("a mail server and who mails are from belong together", () => {
  const url = "smtp://user:secret@127.0.0.1:2525";
  const from = "Tagwire <tagwire@example.org>";
  expect(readConfig({ ...env, SMTP_URL: url, MAIL_FROM: from }).mail).toEqual({ url, from });
  expect(() => readConfig({ ...env, SMTP_URL: url })).toThrow("config.invalid: MAIL_FROM");
  expect(() => readConfig({ ...env, MAIL_FROM: from })).toThrow("config.invalid: SMTP_URL");
});

test.each([
  { SMTP_URL: "http://127.0.0.1" },
  { MAIL_FROM: "nobody" },
  { MAIL_FROM: "a@example.org\r\nBcc: b@example.org" },
  { PUSH_CONTACT: "call me" },
  { PUBLIC_URL: "tagwire.example" },
  { PUBLIC_URL: "https://me:secret@tagwire.example/" },
  { PUBLIC_URL: "https://tagwire.example/#/north" },
  { ALERTS_EVERY_SECONDS: "0" },
  { ALERTS_EVERY_SECONDS: "41" },
])("%j is named and never quoted", (wrong) => {
  const [name = "", value = ""] = Object.entries(wrong)[0] ?? [];
  expect(() => readConfig({ ...env, ...wrong })).toThrow(new RegExp(`^config.invalid: ${name}$`));
  expect(() => readConfig({ ...env, ...wrong })).not.toThrow(value);
});

test.each([
  [undefined, undefined],
  ["https://tagwire.example", "https://tagwire.example/"],
  ["http://127.0.0.1:8080/depot", "http://127.0.0.1:8080/depot/"],
])("the page is opened at %s: %s", (given, publicUrl) => {
  expect(readConfig(given === undefined ? env : { ...env, PUBLIC_URL: given })).toMatchObject({ publicUrl });
});

test("webhooks go to no network of one's own unless it is named", () => {
  expect(readConfig(env).webhookNetworks.isEmpty).toBe(true);
  const { webhookNetworks } = readConfig({ ...env, WEBHOOK_PRIVATE_NETWORKS: "10.1.0.0/16, fd00::/8" });
  expect(["10.1.2.3", "fd00::1", "10.2.0.1"].map(webhookNetworks.has)).toEqual([true, true, false]);
});

test("a network that is none is named by its setting, and never quoted", () => {
  const read = () => readConfig({ ...env, WEBHOOK_PRIVATE_NETWORKS: "somewhere" });
  expect(read).toThrow("config.invalid: WEBHOOK_PRIVATE_NETWORKS");
  expect(read).not.toThrow("somewhere");
});

test("sources of prefetch sets all take part unless they are switched off by name", () => {
  expect([...readConfig(env).prefetchOff]).toEqual([]);
  expect([...readConfig({ ...env, PREFETCH_SOURCES_OFF: "due, together" }).prefetchOff]).toEqual([
    "due",
    "together",
  ]);
  // What all are measured against cannot be switched off.
  for (const wrong of ["recent", "everything"])
    expect(() => readConfig({ ...env, PREFETCH_SOURCES_OFF: wrong })).toThrow(
      "config.invalid: PREFETCH_SOURCES_OFF",
    );
});
