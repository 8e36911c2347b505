import {
  answer,
  answerOn,
  type Bus,
  defaultRequestTimeoutMs,
  request,
  type Subscription,
  startSpan,
  traceparentOf,
} from "@tagwire/bus";
import {
  AskCreateReader,
  AskDeleteReader,
  AskDeleteRecording,
  AskDeleteStation,
  AskEndReaderKey,
  AskFind,
  AskIsReaderKey,
  AskMakeReaderKey,
  AskPatchReader,
  AskPutStation,
  AskReader,
  AskReaders,
  AskRecordingPart,
  AskRecordings,
  AskStation,
  AskStations,
  AskTakeEvents,
  AskTakeReaderSettings,
  AskTestRead,
  AskTrainingField,
  type By,
  Fault,
  partitionOf,
  type Question,
  ReaderDo,
  ReaderId,
  readerDoSubject,
  SiteId,
  testReadSecondsMax,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Floor } from "../floor/floor.ts";
import type { SiteFloor } from "../floor/site-floor.ts";
import type { Recordings } from "../spool/recordings.ts";
import type { Asker } from "../store/settings-notes.ts";
import { readerPageOf } from "./reader-page.ts";

/** Any replica hears a question; the one that owns the site's partition answers it here. */
const ownerSubject = (partition: number | string): string => `ask.reader-gateway.owner.${partition}`;

/** The longest test, and what any other question is given besides. */
const testReadTimeoutMs = testReadSecondsMax * 1_000 + defaultRequestTimeoutMs;

/** Whoever asks and does not say who is of an older version. */
const askerOf = ({ by = { device: "reader-gateway" } }: { readonly by?: By }): Asker => {
  const span = startSpan("change settings");
  span.end();
  return { by, traceparent: traceparentOf(span) };
};

type Act = (body: never) => Promise<unknown>;
const DoReader = Type.Object({ site: SiteId, id: ReaderId, ...ReaderDo.properties });

const known = (floor: Floor, site: SiteId, id: ReaderId): SiteFloor => {
  const there = floor.findSite(site);
  if (there === undefined) throw new Fault("reader_unknown", id);
  return there;
};

/** What the owner of a site does when it is asked, by the name of the question. */
const actsOf = (floor: Floor, tapes: Recordings | undefined) =>
  ({
    readers: async ({ site, cursor }: Static<typeof AskReaders.question>) => {
      const all = floor.list(site);
      return cursor === undefined ? all : { ...all, ...readerPageOf(all.readers, cursor) };
    },
    reader: async ({ site, id }: Static<typeof AskReader.question>) => ({
      reader: floor.findSite(site)?.find(id) ?? null,
    }),
    "create-reader": async ({ site, reader, ...asked }: Static<typeof AskCreateReader.question>) =>
      floor.openSite(site).create(reader, askerOf(asked)),
    "patch-reader": async ({ site, id, patch, ...asked }: Static<typeof AskPatchReader.question>) => ({
      reader: await known(floor, site, id).patch(id, patch, askerOf(asked)),
    }),
    "delete-reader": async ({ site, id, ...asked }: Static<typeof AskDeleteReader.question>) => ({
      deleted: (await floor.findSite(site)?.remove(id, askerOf(asked))) ?? false,
    }),
    "take-reader-settings": async (asked: Static<typeof AskTakeReaderSettings.question>) => {
      const { site, row, dryRun } = asked;
      return { outcome: await floor.openSite(site).takeSettings(row, dryRun, askerOf(asked)) };
    },
    "test-read": async ({ site, id, seconds }: Static<typeof AskTestRead.question>) =>
      known(floor, site, id).testRead(id, seconds),
    find: async ({ site, seeker, tags }: Static<typeof AskFind.question>) => ({
      reading: floor.findSite(site)?.seek({ seeker, tags }) ?? 0,
    }),
    station: async ({ site, id }: Static<typeof AskStation.question>) =>
      floor.findSite(site)?.station(id) ?? { station: null, listening: 0 },
    stations: async ({ site }: Static<typeof AskStations.question>) => ({
      stations: [...(floor.findSite(site)?.stations() ?? [])],
    }),
    "put-station": async ({ site, id, station, ...asked }: Static<typeof AskPutStation.question>) =>
      floor.openSite(site).putStation(id, station, askerOf(asked)),
    "delete-station": async ({ site, id, ...asked }: Static<typeof AskDeleteStation.question>) => ({
      deleted: (await floor.findSite(site)?.removeStation(id, askerOf(asked))) ?? false,
    }),
    "take-events": async ({ site, id, ...pushed }: Static<typeof AskTakeEvents.question>) => {
      const there = floor.findSite(site);
      // Nobody learns by a key that is none which sites and readers there are.
      if (there === undefined)
        throw new Fault(pushed.key === null ? "reader_unknown" : "unauthenticated", "");
      return there.take(id, pushed);
    },
    "training-field": async ({ site, id, change }: Static<typeof AskTrainingField.question>) => ({
      field: known(floor, site, id).practise(id, change),
    }),
    "make-reader-key": async ({ site, id, ...asked }: Static<typeof AskMakeReaderKey.question>) =>
      known(floor, site, id).makeKey(id, askerOf(asked)),
    "end-reader-key": async ({ site, id, ...asked }: Static<typeof AskEndReaderKey.question>) => ({
      ended: await known(floor, site, id).endKey(id, askerOf(asked)),
    }),
    "is-reader-key": async ({ site, id, key }: Static<typeof AskIsReaderKey.question>) => ({
      isKey: floor.findSite(site)?.isKey(id, key) ?? false,
    }),
    recordings: async (reader: Static<typeof AskRecordings.question>) => {
      const recordings = (await tapes?.find(reader)) ?? [];
      // They outlast their reader, so one that is gone is known by them.
      if (recordings.length === 0 && floor.findSite(reader.site)?.find(reader.id) === undefined)
        throw new Fault("reader_unknown", reader.id);
      return { recordings };
    },
    "recording-part": async ({ name, offset, ...reader }: Static<typeof AskRecordingPart.question>) => {
      if (tapes === undefined) throw new Fault("recording.unknown", name);
      return tapes.part(reader, name, offset);
    },
    "delete-recording": async ({ name, ...reader }: Static<typeof AskDeleteRecording.question>) => {
      if (tapes === undefined) throw new Fault("recording.unknown", name);
      await tapes.remove(reader, name);
      return { deleted: true };
    },
    "do-reader": async ({ site, id, act, ...asked }: Static<typeof DoReader>) => ({
      reader: await known(floor, site, id).act(id, act, askerOf(asked)),
    }),
  }) satisfies Record<string, Act>;

type Name = keyof ReturnType<typeof actsOf>;
const schemas: Record<Name, TSchema> = {
  readers: AskReaders.question,
  reader: AskReader.question,
  "create-reader": AskCreateReader.question,
  "patch-reader": AskPatchReader.question,
  "delete-reader": AskDeleteReader.question,
  "take-reader-settings": AskTakeReaderSettings.question,
  "test-read": AskTestRead.question,
  find: AskFind.question,
  station: AskStation.question,
  stations: AskStations.question,
  "put-station": AskPutStation.question,
  "delete-station": AskDeleteStation.question,
  "take-events": AskTakeEvents.question,
  "training-field": AskTrainingField.question,
  "make-reader-key": AskMakeReaderKey.question,
  "end-reader-key": AskEndReaderKey.question,
  "is-reader-key": AskIsReaderKey.question,
  recordings: AskRecordings.question,
  "recording-part": AskRecordingPart.question,
  "delete-recording": AskDeleteRecording.question,
  "do-reader": DoReader,
};

const Forwarded = Type.Object({
  name: Type.Enum(Object.keys(schemas) as Name[]),
  body: Type.Object({ site: SiteId }, { additionalProperties: true }),
});
const isForwarded = Compile(Forwarded);
const isDo = Compile(ReaderDo);

/**
 * Answers everything that is asked about readers, from any replica: what this process owns at once, the rest by passing the
 * question on to the owner. Nobody owning a site means `unavailable`, and the caller asks again.
 */
export const openAnswers = (
  bus: Bus,
  floor: Floor,
  tapes?: Recordings,
): Subscription & {
  readonly own: (partition: number) => void;
  readonly disown: (partition: number) => void;
} => {
  const acts = actsOf(floor, tapes) as Record<Name, (body: unknown) => Promise<unknown>>;
  const checks = new Map(Object.entries(schemas).map(([name, schema]) => [name, Compile(schema)]));
  const owned = new Map<number, Subscription>();

  const perform = (name: Name, body: unknown): Promise<unknown> => {
    if (checks.get(name)?.Check(body) !== true) throw new Fault("malformed", name);
    return acts[name](body);
  };
  const route = (name: Name, body: { readonly site: SiteId }): Promise<unknown> =>
    floor.owns(body.site)
      ? perform(name, body)
      : request(
          bus,
          ownerSubject(partitionOf(body.site)),
          { name, body },
          {
            template: ownerSubject("*"),
            // A test is answered when it is over.
            ...(name === "test-read" ? { timeoutMs: testReadTimeoutMs } : {}),
          },
        );

  const asked = <Q extends TSchema, A extends TSchema>(question: Question<Q, A>, name: Name): Subscription =>
    answer(bus, question, (body) => route(name, body as { site: SiteId }) as Promise<Static<A>>);

  const subscriptions = [
    asked(AskReaders, "readers"),
    asked(AskReader, "reader"),
    asked(AskCreateReader, "create-reader"),
    asked(AskPatchReader, "patch-reader"),
    asked(AskDeleteReader, "delete-reader"),
    asked(AskTakeReaderSettings, "take-reader-settings"),
    asked(AskTestRead, "test-read"),
    asked(AskFind, "find"),
    asked(AskStation, "station"),
    asked(AskStations, "stations"),
    asked(AskPutStation, "put-station"),
    asked(AskDeleteStation, "delete-station"),
    asked(AskTakeEvents, "take-events"),
    asked(AskTrainingField, "training-field"),
    asked(AskMakeReaderKey, "make-reader-key"),
    asked(AskEndReaderKey, "end-reader-key"),
    asked(AskIsReaderKey, "is-reader-key"),
    asked(AskRecordings, "recordings"),
    asked(AskRecordingPart, "recording-part"),
    asked(AskDeleteRecording, "delete-recording"),
    answerOn(
      bus,
      { subject: readerDoSubject("*", "*"), queue: "reader-gateway", template: "reader.do" },
      async (body, message) => {
        const [, , site = "", id = ""] = message.subject.split(".");
        if (!isDo.Check(body)) throw new Fault("malformed", "reader.do");
        return route("do-reader", { site, id, ...body } as { site: SiteId });
      },
    ),
  ];

  return {
    own: (partition) => {
      owned.set(
        partition,
        answerOn(bus, { subject: ownerSubject(partition), template: ownerSubject("*") }, async (message) => {
          if (!isForwarded.Check(message)) throw new Fault("malformed", ownerSubject(partition));
          return perform(message.name, message.body);
        }),
      );
    },
    disown: (partition) => {
      void owned.get(partition)?.stop();
      owned.delete(partition);
    },
    stop: async () => {
      await Promise.all([...subscriptions, ...owned.values()].map((one) => one.stop()));
    },
  };
};
