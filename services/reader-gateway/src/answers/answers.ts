import { answer, answerOn, type Bus, request, type Subscription } from "@tagwire/bus";
import {
  AskCreateReader,
  AskDeleteReader,
  AskPatchReader,
  AskReader,
  AskReaders,
  Fault,
  partitionOf,
  type Question,
  ReaderDo,
  ReaderId,
  readerDoSubject,
  SiteId,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Floor } from "../floor/floor.ts";
import type { SiteFloor } from "../floor/site-floor.ts";

/** Any replica hears a question; the one that owns the site's partition answers it here. */
const ownerSubject = (partition: number | string): string => `ask.reader-gateway.owner.${partition}`;

type Act = (body: never) => Promise<unknown>;
const DoReader = Type.Object({ site: SiteId, id: ReaderId, act: ReaderDo.properties.act });

const known = (floor: Floor, site: SiteId, id: ReaderId): SiteFloor => {
  const there = floor.findSite(site);
  if (there === undefined) throw new Fault("reader_unknown", id);
  return there;
};

/** What the owner of a site does when it is asked, by the name of the question. */
const actsOf = (floor: Floor) =>
  ({
    readers: async ({ site }: Static<typeof AskReaders.question>) => floor.list(site),
    reader: async ({ site, id }: Static<typeof AskReader.question>) => ({
      reader: floor.findSite(site)?.find(id) ?? null,
    }),
    "create-reader": async ({ site, reader }: Static<typeof AskCreateReader.question>) =>
      floor.openSite(site).create(reader),
    "patch-reader": async ({ site, id, patch }: Static<typeof AskPatchReader.question>) => ({
      reader: await known(floor, site, id).patch(id, patch),
    }),
    "delete-reader": async ({ site, id }: Static<typeof AskDeleteReader.question>) => ({
      deleted: (await floor.findSite(site)?.remove(id)) ?? false,
    }),
    "do-reader": async ({ site, id, act }: Static<typeof DoReader>) => ({
      reader: await known(floor, site, id).act(id, act),
    }),
  }) satisfies Record<string, Act>;

type Name = keyof ReturnType<typeof actsOf>;
const schemas: Record<Name, TSchema> = {
  readers: AskReaders.question,
  reader: AskReader.question,
  "create-reader": AskCreateReader.question,
  "patch-reader": AskPatchReader.question,
  "delete-reader": AskDeleteReader.question,
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
): Subscription & {
  readonly own: (partition: number) => void;
  readonly disown: (partition: number) => void;
} => {
  const acts = actsOf(floor) as Record<Name, (body: unknown) => Promise<unknown>>;
  const checks = new Map(Object.entries(schemas).map(([name, schema]) => [name, Compile(schema)]));
  const owned = new Map<number, Subscription>();

  const perform = (name: Name, body: unknown): Promise<unknown> => {
    if (checks.get(name)?.Check(body) !== true) throw new Fault("malformed", name);
    return acts[name](body);
  };
  const route = (name: Name, body: { readonly site: SiteId }): Promise<unknown> =>
    floor.owns(body.site)
      ? perform(name, body)
      : request(bus, ownerSubject(partitionOf(body.site)), { name, body }, { template: ownerSubject("*") });

  const asked = <Q extends TSchema, A extends TSchema>(question: Question<Q, A>, name: Name): Subscription =>
    answer(bus, question, (body) => route(name, body as { site: SiteId }) as Promise<Static<A>>);

  const subscriptions = [
    asked(AskReaders, "readers"),
    asked(AskReader, "reader"),
    asked(AskCreateReader, "create-reader"),
    asked(AskPatchReader, "patch-reader"),
    asked(AskDeleteReader, "delete-reader"),
    answerOn(bus, { subject: readerDoSubject("*", "*"), queue: "reader-gateway" }, async (body, message) => {
      const [, , site = "", id = ""] = message.subject.split(".");
      if (!isDo.Check(body)) throw new Fault("malformed", "reader.do");
      return route("do-reader", { site, id, act: body.act } as { site: SiteId });
    }),
  ];

  return {
    own: (partition) => {
      owned.set(
        partition,
        answerOn(bus, { subject: ownerSubject(partition) }, async (message) => {
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
