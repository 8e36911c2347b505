import { createHash } from "node:crypto";
import { contractView, Fault, newId, type Scan, sessionView } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Act, ActCommand } from "./actors/act.ts";
import type { Answer } from "./actors/site.ts";
import { createAct, originOf, scanAct } from "./actors/test-acts.ts";
import { listSessionTags } from "./store/sessions.ts";
import { beginSite, type Member, type TestOperations, tellActs, testOperations } from "./test-operations.ts";

export type Body<K extends ActCommand["kind"]> = Extract<ActCommand, { kind: K }>["body"];

const startMs = Date.parse("2026-05-04T08:00:00.000Z");
const minuteMs = 60_000;
const tagsMax = 1_000;

export const sha256 = (tags: readonly string[]): string =>
  createHash("sha256").update(tags.join("\n")).digest("hex");

/** Tells a site one act a minute after the last, and looks at what came of it. */
export const createTold = ({ sql }: TestOperations, member: Member, site: string) => {
  let minutes = 0;
  const instant = (minute: number): string => new Date(startMs + minute * minuteMs).toISOString();
  const tell = async (act: (receivedAt: string) => Act): Promise<Answer | Error> => {
    minutes += 1;
    const [answer] = await tellActs(member, site, [act(instant(minutes))]);
    if (answer === undefined) throw new Error("no answer");
    return answer;
  };
  const command = <K extends ActCommand["kind"]>(kind: K, body: Body<K>, id = newId()) =>
    tell((receivedAt) => ({ kind, id, origin: originOf({ receivedAt }), body }) as Act);
  const done = async <K extends ActCommand["kind"]>(kind: K, body: Body<K>, id?: string): Promise<Answer> => {
    const answer = await command(kind, body, id);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const scanned = async (tag: string, more: Partial<Scan>): Promise<Answer> => {
    const answer = await tell((receivedAt) =>
      scanAct(tag, { scannedAt: receivedAt, ...more }, { receivedAt }),
    );
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const placeOf = ({ receipt: { event } }: Answer): number => {
    if (event === undefined) throw new Error("nothing was said");
    return event.pos;
  };
  return {
    /** The instant of a minute of the story, the first act being in minute 1. */
    instant,
    minute: (): number => minutes,
    skip: (count: number): void => {
      minutes += count;
    },
    command,
    done,
    /** The code with which it is refused, or "taken". */
    refused: async <K extends ActCommand["kind"]>(kind: K, body: Body<K>): Promise<string> => {
      const answer = await command(kind, body);
      return answer instanceof Fault ? answer.code : "taken";
    },
    receipt: async (tag: string, more: Partial<Scan>): Promise<Answer["receipt"]> =>
      (await scanned(tag, more)).receipt,
    /** Does it, and gives the position of what was said first. */
    at: async <K extends ActCommand["kind"]>(kind: K, body: Body<K>): Promise<number> =>
      placeOf(await done(kind, body)),
    scan: async (tag: string, more: Partial<Scan>): Promise<number> => placeOf(await scanned(tag, more)),
    stock: async (tags: readonly string[], name = "chair") => {
      await tellActs(
        member,
        site,
        tags.map((tag) => createAct(tag, { class: name })),
      );
    },
    undo: (body: Partial<Body<"events.undo">>) => done("events.undo", { preview: false, ...body }),
    preview: (body: Partial<Body<"events.undo">>) => done("events.undo", { ...body, preview: true }),
    /** The code and the words with which it is refused. */
    refusal: async (body: Partial<Body<"events.undo">>) => {
      const answer = await command("events.undo", { preview: false, ...body });
      if (!(answer instanceof Fault)) throw new Error("it was taken");
      return { code: answer.code, detail: answer.detail };
    },
    contract: async (number: string) => {
      const [row] = await sql`select doc from contract where site = ${site} and number = ${number}`;
      return row === undefined ? undefined : contractView(row.doc);
    },
    session: async (id: string) => {
      const [row] = await sql`select doc from session where site = ${site} and id = ${id}`;
      return row === undefined ? undefined : sessionView(row.doc);
    },
    sessionTags: async (id: string) =>
      (await listSessionTags(sql, { site, id, limit: tagsMax, after: undefined })).map(
        ({ tag, expected, outcome }) => ({ tag, expected, outcome }),
      ),
  };
};
export type Told = ReturnType<typeof createTold>;

/** What a test stands on: a store with one member, and a site of its own that it tells. */
export type TestGround = {
  readonly operations: TestOperations;
  readonly member: Member;
  readonly site: string;
  /** How many sites there were before it, and it: for what has to be its own in the whole store. */
  readonly sites: number;
  readonly told: Told;
};

/** Opens a store for the tests of a file, and gives each of them a site of its own before it begins. */
export const eachOnItsSite = (take: (ground: TestGround) => void): void => {
  let operations: TestOperations;
  let member: Member;
  let sites = 0;
  beforeAll(async () => {
    operations = await testOperations(await testDatabase());
    member = await operations.member();
  });
  afterAll(() => operations[Symbol.asyncDispose]());
  beforeEach(async () => {
    sites += 1;
    const site = `site-${sites}`;
    await beginSite(member, site);
    take({ operations, member, site, sites, told: createTold(operations, member, site) });
  });
};
