import { randomBytes } from "node:crypto";
import type { Bus } from "@tagwire/bus";
import {
  AskContract,
  AskContractMembers,
  AskItems,
  AskStation,
  AskTrainingField,
  Fault,
  type FieldChange,
  fieldTagsMax,
  isTrainingSite,
  PutInField,
  ReaderId,
  SiteId,
  TakeFromField,
  TrainingField,
  WalkThroughGate,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { inquire, instruct } from "../edge/questions.ts";
import { problems } from "./schema.ts";

const tags = ["Training"];
const ReaderParams = Type.Object({ site: SiteId, id: ReaderId });

/** Before a training reader: what lies there, is put there, is taken away and walks through its gate. */
export const training = (app: Gateway, { bus, sites }: Edge): void => {
  const change = async (address: { site: string; id: string }, what: FieldChange): Promise<TrainingField> => {
    await sites.check(address.site);
    return (await instruct(bus, AskTrainingField, { ...address, change: what })).field;
  };

  app.get(
    "/sites/:site/readers/:id/field",
    {
      schema: {
        operationId: "getTrainingField",
        tags,
        summary: "What lies before a training reader",
        params: ReaderParams,
        response: { 200: TrainingField, ...problems(404, 409) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      return (await inquire(bus, AskTrainingField, params)).field;
    },
  );

  app.post(
    "/sites/:site/readers/:id/field::put",
    {
      schema: {
        operationId: "putBeforeTrainingReader",
        tags,
        summary: "Put tags before a training reader, at one of its stations",
        description:
          "The reader hears them from then on, until they are taken away or walk through the gate, and what it hears becomes what a real reader's would: scans of the session that is open at the station, or sightings. Named tags that lie there already stay; of a class, others are put beside them.",
        params: ReaderParams,
        body: PutInField,
        response: { 200: TrainingField, ...problems(404, 409) },
      },
    },
    async ({ params, body }) => {
      await sites.check(params.site);
      if (!isTrainingSite(params.site)) throw new Fault("training.site", params.site);
      const { field } = await inquire(bus, AskTrainingField, params);
      const found = await tagsFor(bus, { site: params.site, body, taken: field.tags.map(({ tag }) => tag) });
      return change(params, { act: "put", station: body.station, tags: found });
    },
  );

  app.post(
    "/sites/:site/readers/:id/field::take",
    {
      schema: {
        operationId: "takeFromTrainingReader",
        tags,
        summary: "Take tags away from a training reader, or everything",
        params: ReaderParams,
        body: TakeFromField,
        response: { 200: TrainingField, ...problems(404, 409) },
      },
    },
    ({ params, body }) => change(params, { act: "take", ...body }),
  );

  app.post(
    "/sites/:site/readers/:id/field::walk",
    {
      schema: {
        operationId: "walkPastTrainingReader",
        tags,
        summary: "Walk through the gate of a training reader with tags, or with everything that lies there",
        params: ReaderParams,
        body: WalkThroughGate,
        response: { 200: TrainingField, ...problems(404, 409) },
      },
    },
    ({ params, body }) => change(params, { act: "walk", ...body }),
  );
};

type Wish = { readonly site: string; readonly body: PutInField; readonly taken: readonly string[] };

/** The tags that somebody means who speaks of items, classes and contracts. @throws Fault `training.nothing`, `contract_unknown` */
const tagsFor = async (bus: Bus, { site, body, taken }: Wish): Promise<string[]> => {
  const ready = (name: string, count: number) => readyOf(bus, { site, name, count, taken });
  const parts = [
    body.tags ?? [],
    body.class === undefined ? [] : await ready(body.class, body.count ?? 1),
    body.contract === undefined ? [] : await ofContract(bus, site, body.contract, body.station, ready),
    Array.from({ length: body.unknown ?? 0 }, unknownTag),
  ];
  const found = [...new Set(parts.flat())];
  if (found.length === 0)
    throw new Fault(
      "training.nothing",
      "no item of that class is ready, and none of that contract to be heard here",
    );
  if (found.length > fieldTagsMax) throw new Fault("training.field_full", `at most ${fieldTagsMax}`);
  return found;
};

type OfClass = {
  readonly site: string;
  readonly name: string;
  readonly count: number;
  readonly taken: readonly string[];
};

/** Readers hear hex, so items with another kind of id are none that could lie there. */
const isHeard = (tag: string): boolean => /^(?:[0-9A-F]{2})+$/.test(tag);

/** Ready items of a class that do not lie before the reader yet. @throws Fault `training.nothing` where there are fewer */
const readyOf = async (bus: Bus, { site, name, count, taken }: OfClass): Promise<string[]> => {
  const { items } = await inquire(bus, AskItems, {
    ...{ site, class: name, status: ["ready"] },
    ...{ limit: Math.min(1_000, count + taken.length + fieldTagsMax), cursor: null },
  });
  const free = items.map(({ tag }) => tag).filter((tag) => isHeard(tag) && !taken.includes(tag));
  if (free.length < count)
    throw new Fault("training.nothing", `${free.length} of ${count} ${name} are ready`);
  return free.slice(0, count);
};

/** Where things go out, what the contract still lacks; anywhere else, what is out on it. */
const ofContract = async (
  bus: Bus,
  site: string,
  number: string,
  atStation: string,
  ready: (name: string, count: number) => Promise<string[]>,
): Promise<string[]> => {
  const { contract } = await inquire(bus, AskContract, { site, number });
  if (contract === null) throw new Fault("contract_unknown", number);
  const { station } = await inquire(bus, AskStation, { site, id: atStation });
  if (station?.mode !== "checkout") {
    const asked = { site, number, state: ["out" as const], limit: fieldTagsMax, cursor: null };
    const { members } = await inquire(bus, AskContractMembers, asked);
    return members.map(({ tag }) => tag).filter(isHeard);
  }
  const parts: string[] = [];
  for (const { class: name, quantity } of contract.lines) {
    const { out = 0, returned = 0, notRecorded = 0 } = contract.counts[name] ?? {};
    const lacking = Math.min(quantity - out - returned - notRecorded, fieldTagsMax);
    if (lacking > 0) parts.push(...(await ready(name, lacking)));
  }
  return parts;
};

/** A tag that no item carries, nor any company's numbers: its first byte is none of a GS1 header. */
const unknownTag = (): string => `7F${randomBytes(11).toString("hex").toUpperCase()}`;
