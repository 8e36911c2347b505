import { Fault, type PrefetchGuess, prefetchGuesses } from "@tagwire/messages";
import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";
import { lookGapMsMax } from "./actors/watch.ts";
import type { MailSettings } from "./drivers/mail.ts";
import { type PrivateNetworks, readNetworks } from "./drivers/receiver-address.ts";

const Settings = Type.Object({
  DATABASE_URL: serviceSettings.DATABASE_URL,
  NATS_URL: serviceSettings.NATS_URL,
  STREAM_REPLICAS: serviceSettings.STREAM_REPLICAS,
  ALERTS_EVERY_SECONDS: Type.Number({
    minimum: 0.2,
    // A third of the longest gap between two looks that still belong together: one that fails may be made up for.
    maximum: lookGapMsMax / 3_000,
    default: 5,
    description: "how often the rules of a site are looked at while nothing happens",
  }),
  SMTP_URL: Type.Optional(
    Type.String({
      pattern: "^smtps?://",
      description: "the mail server, with user and password where it wants them",
    }),
  ),
  MAIL_FROM: Type.Optional(
    Type.String({
      pattern: "^[^\\r\\n]+@[^\\r\\n]+$",
      description: "who mails are from, needed with SMTP_URL",
    }),
  ),
  PUSH_CONTACT: Type.String({
    pattern: "^(mailto:|https://).+",
    default: "mailto:tagwire@localhost",
    description: "how a push service reaches whoever runs this",
  }),
  PUBLIC_URL: Type.Optional(
    Type.String({
      pattern: "^https?://",
      maxLength: 500,
      description: "where people open the page; mails link to it",
    }),
  ),
  WEBHOOK_PRIVATE_NETWORKS: Type.String({ default: "", maxLength: 2_000 }),
  PREFETCH_SOURCES_OFF: Type.String({
    default: "",
    maxLength: 200,
    description: "sources of prefetch sets that take no part at any site, with commas",
  }),
});

export type Config = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** On how many servers of a NATS cluster each stream is kept. */
  readonly streamReplicas: number;
  readonly alertsEveryMs: number;
  /** Undefined where no mail server is set up. */
  readonly mail: MailSettings | undefined;
  readonly pushContact: string;
  /** Where people open the page, ending with a slash; undefined where nobody has said. */
  readonly publicUrl: string | undefined;
  /** Networks beside the public internet that webhooks may go to; none by default. */
  readonly webhookNetworks: PrivateNetworks;
  /** Sources of prefetch sets that take no part at any site; none by default. */
  readonly prefetchOff: ReadonlySet<PrefetchGuess>;
};

/** Half of it is a mistake that nobody would notice before the first alert. */
const mailOf = (url: string | undefined, from: string | undefined): MailSettings | undefined => {
  if (url !== undefined && from !== undefined) return { url, from };
  if (url === undefined && from === undefined) return undefined;
  throw new Fault("config.invalid", url === undefined ? "SMTP_URL" : "MAIL_FROM");
};

/** The address of the page alone: with a user, a question or a fragment in it, it is not that of everybody. */
const pageOf = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new Fault("config.invalid", "PUBLIC_URL");
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
};

const networksOf = (text: string): PrivateNetworks => {
  try {
    return readNetworks(text);
  } catch (cause) {
    throw new Fault("config.invalid", "WEBHOOK_PRIVATE_NETWORKS", { cause });
  }
};

const isGuess = (name: string): name is PrefetchGuess => prefetchGuesses.some((guess) => guess === name);

const guessesOf = (text: string): ReadonlySet<PrefetchGuess> => {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (!names.every(isGuess)) throw new Fault("config.invalid", "PREFETCH_SOURCES_OFF");
  return new Set(names);
};

/** The only reader of the environment. @throws Fault `config.invalid`, naming what is missing or wrong */
export const readConfig = (env: Environment): Config => {
  const settings = readSettings(Settings, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    alertsEveryMs: settings.ALERTS_EVERY_SECONDS * 1_000,
    mail: mailOf(settings.SMTP_URL, settings.MAIL_FROM),
    pushContact: settings.PUSH_CONTACT,
    publicUrl: pageOf(settings.PUBLIC_URL),
    webhookNetworks: networksOf(settings.WEBHOOK_PRIVATE_NETWORKS),
    prefetchOff: guessesOf(settings.PREFETCH_SOURCES_OFF),
  };
};
