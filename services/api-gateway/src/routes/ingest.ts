import {
  AskTakeEvents,
  eventsIn,
  eventsPerBodyMax,
  Fault,
  PushedEvents,
  ReaderId,
  SiteId,
} from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type, { type Static, type TSchema } from "typebox";
import type { Edge } from "../edge/edge.ts";
import { eventSlicesOf } from "../edge/event-slices.ts";
import type { Gateway } from "../edge/gateway.ts";
import { Refusal } from "../edge/problem.ts";
import { instruct } from "../edge/questions.ts";
import { asRefusal, readerCredential } from "../edge/reader-credential.ts";
import { openSignInLimit } from "../edge/sign-in-limit.ts";
import { validatorCompiler } from "../edge/validation.ts";
import { admitUpTo } from "../transfer/admission.ts";
import { problems } from "./schema.ts";

export const ingestLimits = {
  bodyBytesMax: 2 ** 20,
  /** Pushes under way at once, of all readers, and of one: a reader waits for its answer before it sends on. */
  pushesMax: 64,
  pushesPerReaderMax: 4,
} as const;

/** So much of a body that is no JSON is kept to be looked at, in characters. */
const shownBodyMax = 256;

const description = `The body is what the reader has to say: an array of events (Impinj's webhook, also an empty one; Zebra's batches), one
event, or \`{"reads":[{epc, antenna?, rssiDbm?, at?, count?, tid?, pc?}]}\`, with the protocol control word \`pc\` in hex. The reader's driver
says how its events are read.

The key is the reader's own, as a bearer token or as the password of any user; it lets the reader do this and nothing else. An API key does
as well.

202 comes when what the events say is kept. An event that cannot be read is counted as malformed at the reader, and the others are taken.
Whatever was answered with anything else, or not at all, is sent again as it was: an event with a time in it that comes again within 15
minutes, the same to the last character, counts once.`;

const Params = Type.Object({ site: SiteId, reader: ReaderId });
type Address = { readonly site: string; readonly reader: string };

/** What is in a body: its events, or why it has none. */
const readBody = (body: unknown): Pick<Static<typeof AskTakeEvents.question>, "events" | "unreadable"> => {
  const text = Buffer.isBuffer(body) ? body.toString("utf8") : "";
  try {
    return { events: [...eventsIn(JSON.parse(text))] };
  } catch {
    return { events: [], unreadable: { reason: "the body is no JSON", start: text.slice(0, shownBodyMax) } };
  }
};

/** `POST /ingest/{site}/{reader}`: what readers push that Tagwire does not call. */
export const ingest = (app: Gateway, edge: Edge): void => {
  const failures = openSignInLimit(() => performance.now());
  const admitOne = admitUpTo(ingestLimits.pushesMax, "pushes of readers");
  const inside = new Map<string, number>();

  /** Lets a push in. Gives what has to be called when it is done. @throws Fault `rate_limited` or `overloaded` */
  const admit = ({ site, reader }: Address): (() => void) => {
    const name = `${site}/${reader}`;
    const own = inside.get(name) ?? 0;
    if (own >= ingestLimits.pushesPerReaderMax)
      throw new Fault("rate_limited", "pushes of this reader are under way");
    const leave = admitOne();
    inside.set(name, own + 1);
    return () => {
      leave();
      const left = (inside.get(name) ?? 1) - 1;
      if (left > 0) inside.set(name, left);
      else inside.delete(name);
    };
  };

  /** Failures count by address and reader: one reader with a wrong key does not shut out those beside it. */
  const identified = async (request: FastifyRequest, { site, reader }: Address) => {
    const who = `${request.ip} ${site}/${reader}`;
    const wait = failures.waitSeconds(who);
    if (wait > 0)
      throw new Refusal({ code: "rate_limited", detail: "Too many wrong keys.", retryAfterSeconds: wait });
    const failed = (error: unknown): never => {
      const refusal = asRefusal(error);
      if (refusal instanceof Refusal && refusal.complaint.code === "unauthenticated") failures.failed(who);
      throw refusal;
    };
    const key = await readerCredential(request, edge.credentials).catch(failed);
    return { key, failed };
  };

  const take = async (request: FastifyRequest, address: Address): Promise<PushedEvents> => {
    const { key, failed } = await identified(request, address);
    const { events, unreadable } = readBody(request.body);
    if (events.length > eventsPerBodyMax) throw new Fault("too_large", `at most ${eventsPerBodyMax} events`);
    const became = { taken: 0, malformed: 0, repeated: 0 };
    for (const slice of eventSlicesOf(events)) {
      const question = { site: address.site, id: address.reader, key, events: slice };
      const told = await instruct(
        edge.bus,
        AskTakeEvents,
        unreadable === undefined ? question : { ...question, unreadable },
      ).catch(failed);
      became.taken += told.taken;
      became.malformed += told.malformed;
      became.repeated += told.repeated;
    }
    if (unreadable !== undefined) throw new Fault("malformed", unreadable.reason);
    return became;
  };

  // Readers name all sorts of content types; a scope keeps that from all other routes.
  app.register(async (scope: Gateway) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post(
      "/ingest/:site/:reader",
      {
        bodyLimit: ingestLimits.bodyBytesMax,
        config: { open: true },
        // The body is read here, after whoever sent it is known; its schema is for readers of the description.
        validatorCompiler: (route) =>
          route.httpPart === "body" ? (value: unknown) => ({ value }) : validatorCompiler(route),
        schema: {
          operationId: "ingestReaderEvents",
          tags: ["Readers"],
          summary: "Take what a reader pushes",
          description,
          security: [{ readerKey: [] }, { readerLogin: [] }, { apiKey: [] }],
          params: Params,
          body: Type.Unknown({ description: "events as the reader's maker has them" }) as TSchema,
          response: { 202: PushedEvents, ...problems(401, 403, 404, 409, 413, 429) },
        },
      },
      async (request, reply) => {
        const { site, reader } = request.params;
        if ((request.headers["content-encoding"] ?? "identity") !== "identity")
          throw new Fault("media_type_unsupported", "events are sent as they are, not compressed");
        const leave = admit({ site, reader });
        try {
          return await reply.status(202).send(await take(request, { site, reader }));
        } finally {
          leave();
        }
      },
    );
  });
};
