import { dirname, join } from "node:path";
import { Fault } from "@tagwire/messages";
import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type, { type Static } from "typebox";
import { windowSkewMs } from "./actors/tolerances.ts";
import type { BucketSettings } from "./archive/bucket.ts";
import { rfidproLimits } from "./drivers/settings.ts";

const minuteMs = 60_000;

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, description }));
const url = (description: string) => Type.Optional(Type.String({ pattern: "^https?://[^/]", description }));
const dataset = (of: string) =>
  Type.Optional(
    Type.String({ pattern: "^[A-Za-z0-9_-]{1,128}$", description: `the id of the data set of ${of}` }),
  );

/** Seven years: as long as anybody asks for the books of a year. */
const archiveKeepDaysDefault = 2_557;
const stagedKeepDaysDefault = 7;
/** A season: whoever asks how a difference came about asks within one. */
const comparedKeepDaysDefault = 90;
/** More than so many questions a second are no reading but an attack. */
const requestsPerSecondMax = 50;
const recheckMinutesDefault = 15;
/** With the second and the third after twice and four times as long, not quite two hours in all. */
const retryMinutesDefault = 15;
/** A recheck that begins earlier looks at the same minutes, and finds the same things unsettled. */
const recheckMinutesMin = windowSkewMs / minuteMs + 1;

const bucketAndLock = {
  RFIDPRO_S3_ENDPOINT: url("a server that speaks S3 and locks objects, for an archive in a bucket"),
  RFIDPRO_S3_BUCKET: text("the bucket, made with object lock"),
  RFIDPRO_S3_REGION: Type.String({ minLength: 1, default: "us-east-1" }),
  RFIDPRO_S3_ACCESS_KEY_ID: text("who writes there"),
  RFIDPRO_S3_SECRET_ACCESS_KEY: text("the secret of that"),
  RFIDPRO_S3_LOCK: Type.Enum(["COMPLIANCE", "GOVERNANCE"] as const, {
    default: "COMPLIANCE",
    description: "whether nobody at all may change what is locked, or whoever may lift the lock",
  }),
  RFIDPRO_ARCHIVE_KEEP_DAYS: Type.Integer({
    minimum: 0,
    maximum: 36_500,
    default: archiveKeepDaysDefault,
    description: "how long what was pulled is kept in the archive; 0 for ever. Manifests stay",
  }),
};

const Settings = Type.Object({
  ...serviceSettings,
  ...bucketAndLock,
  RFIDPRO_LOGIN_URL: url("where RFIDpro is signed in to; /api/v1/login is added"),
  RFIDPRO_DATA_URL: url("where RFIDpro's data is; /api/v1/data is added"),
  RFIDPRO_USERNAME: text("an account that may read"),
  RFIDPRO_PASSWORD: text("its password"),
  RFIDPRO_DATASET_ITEMS: dataset("items"),
  RFIDPRO_DATASET_TRANSACTIONS: dataset("transactions"),
  RFIDPRO_DATASET_CLASSES: dataset("rental classes"),
  RFIDPRO_REQUESTS_PER_SECOND: Type.Integer({
    minimum: 1,
    maximum: requestsPerSecondMax,
    default: rfidproLimits.requestsPerSecond,
    description: "how often RFIDpro is asked at most, of one account by all processes together",
  }),
  RFIDPRO_TIME_ZONE: Type.String({
    minLength: 1,
    default: "America/Chicago",
    description: "the zone in which scanners write the times of scans",
  }),
  RFIDPRO_ARCHIVE_DIR: text("the folder of the archive, unless it is in a bucket"),
  RFIDPRO_SIGNING_KEY_FILE: text(
    "the key that signs manifests, made when there is none; by default beside the folder of the archive",
  ),
  RFIDPRO_DAILY_AT: Type.Optional(
    Type.String({
      pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
      description:
        "when each site that is parallel is pulled and compared every day, by the site's own clock; nothing is by itself without it",
    }),
  ),
  RFIDPRO_RECHECK_MINUTES: Type.Integer({
    minimum: 0,
    maximum: 1_440,
    default: recheckMinutesDefault,
    description:
      "so long after a comparison RFIDpro is read again by itself for what was pending, while the site is parallel; 0 for never",
  }),
  RFIDPRO_RETRY_MINUTES: Type.Integer({
    minimum: 0,
    maximum: 120,
    default: retryMinutesDefault,
    description:
      "so long after a pull of a schedule ended that was not whole it is begun again, and after twice and four times as long if that is not whole either; 0 for never",
  }),
  RFIDPRO_STAGED_KEEP_DAYS: Type.Integer({
    minimum: 1,
    maximum: 3_650,
    default: stagedKeepDaysDefault,
    description:
      "how long rows of a pull can be compared and imported; those of the newest whole one always, and those of an import that has not come to its end",
  }),
  RFIDPRO_COMPARED_KEEP_DAYS: Type.Integer({
    minimum: 8,
    maximum: 36_500,
    default: comparedKeepDaysDefault,
    description:
      "how long it is known what each comparison saw, and what became of differences that are settled; what was signed stays",
  }),
});

const needed = [
  "RFIDPRO_LOGIN_URL",
  "RFIDPRO_DATA_URL",
  "RFIDPRO_USERNAME",
  "RFIDPRO_PASSWORD",
  "RFIDPRO_DATASET_ITEMS",
  "RFIDPRO_DATASET_TRANSACTIONS",
  "RFIDPRO_DATASET_CLASSES",
] as const;
const neededOfFolder = ["RFIDPRO_ARCHIVE_DIR"] as const;
/** The key that signs lies beside no bucket, so that it has to be said where. */
const neededOfBucket = [
  "RFIDPRO_S3_ENDPOINT",
  "RFIDPRO_S3_BUCKET",
  "RFIDPRO_S3_ACCESS_KEY_ID",
  "RFIDPRO_S3_SECRET_ACCESS_KEY",
  "RFIDPRO_SIGNING_KEY_FILE",
] as const;
/** What is archived for ever is locked for so long, since a lock has an end. */
const lockedDaysMax = 36_500;

type BucketAndLock = Static<Type.TObject<typeof bucketAndLock>>;

/** The bucket of the settings; undefined where none is named, or not all of it. */
const bucketOf = (settings: BucketAndLock): BucketSettings | undefined => {
  const { RFIDPRO_S3_ENDPOINT: endpoint, RFIDPRO_S3_BUCKET: bucket, RFIDPRO_S3_REGION: region } = settings;
  const { RFIDPRO_S3_ACCESS_KEY_ID: accessKeyId, RFIDPRO_S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (endpoint === undefined || bucket === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const lockedDays = settings.RFIDPRO_ARCHIVE_KEEP_DAYS || lockedDaysMax;
  return {
    ...{ endpoint, bucket, region, accessKeyId, secretAccessKey },
    ...{ lock: settings.RFIDPRO_S3_LOCK, lockedDays },
  };
};

/** The database alone, for whoever looks at nothing else. */
export const readDatabaseUrl = (env: Environment = process.env): string =>
  readSettings(Type.Object({ DATABASE_URL: serviceSettings.DATABASE_URL }), env).DATABASE_URL;

/** How much a program tells that reads all else for itself. */
export const readLogLevel = (env: Environment = process.env): string => env.LOG_LEVEL ?? "info";

/** The bucket alone, for whoever needs neither database nor bus; undefined where the settings name none. */
export const readBucket = (env: Environment = process.env): BucketSettings | undefined =>
  bucketOf(readSettings(Type.Object(bucketAndLock), env));

const keyFileName = "rfidpro-signing-key.pem";

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

/** The settings of this service. Nothing else reads the environment. */
export const readConfig = (env: Environment = process.env) => {
  const settings = readSettings(Settings, env);
  const archiveDir = settings.RFIDPRO_ARCHIVE_DIR;
  if (!isTimeZone(settings.RFIDPRO_TIME_ZONE)) throw new Fault("config.invalid", "RFIDPRO_TIME_ZONE");
  const recheckMinutes = settings.RFIDPRO_RECHECK_MINUTES;
  if (recheckMinutes > 0 && recheckMinutes < recheckMinutesMin)
    throw new Fault("config.invalid", "RFIDPRO_RECHECK_MINUTES");
  const isBucket = settings.RFIDPRO_S3_BUCKET !== undefined;
  return {
    logLevel: env.LOG_LEVEL ?? "info",
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    /** Names of settings without which nothing can be pulled. */
    missing: [...needed, ...(isBucket ? neededOfBucket : neededOfFolder)].filter(
      (name) => settings[name] === undefined,
    ),
    rfidpro: {
      loginUrl: settings.RFIDPRO_LOGIN_URL ?? "",
      dataUrl: settings.RFIDPRO_DATA_URL ?? "",
      username: settings.RFIDPRO_USERNAME ?? "",
      password: settings.RFIDPRO_PASSWORD ?? "",
      datasets: {
        classes: settings.RFIDPRO_DATASET_CLASSES ?? "",
        items: settings.RFIDPRO_DATASET_ITEMS ?? "",
        transactions: settings.RFIDPRO_DATASET_TRANSACTIONS ?? "",
      },
      timeZone: settings.RFIDPRO_TIME_ZONE,
    },
    requestsPerSecond: settings.RFIDPRO_REQUESTS_PER_SECOND,
    /** A bucket that is named is the archive, whatever folder is named besides. */
    archiveDir: isBucket ? undefined : archiveDir,
    bucket: bucketOf(settings),
    signingKeyFile:
      settings.RFIDPRO_SIGNING_KEY_FILE ??
      (archiveDir === undefined ? undefined : join(dirname(archiveDir), keyFileName)),
    archiveKeepDays: settings.RFIDPRO_ARCHIVE_KEEP_DAYS,
    recheckAfterMs: recheckMinutes === 0 ? undefined : recheckMinutes * minuteMs,
    retryAfterMs:
      settings.RFIDPRO_RETRY_MINUTES === 0 ? undefined : settings.RFIDPRO_RETRY_MINUTES * minuteMs,
    dailyAt: settings.RFIDPRO_DAILY_AT,
    stagedKeepDays: settings.RFIDPRO_STAGED_KEEP_DAYS,
    comparedKeepDays: settings.RFIDPRO_COMPARED_KEEP_DAYS,
  };
};
export type Config = ReturnType<typeof readConfig>;
