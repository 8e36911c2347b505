import { AskEvents, Fault, LoggedEvent, type Position, parsePosition, positionText } from "@tagwire/messages";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import type { Gateway } from "../edge/gateway.ts";
import { malformedAt } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";
import { waitForNews } from "../live/news.ts";
import { problems, SiteParams } from "./schema.ts";

export const eventsPageMax = 1_000;
const eventsPageDefault = 100;
/** The longest that a poll is held open, in seconds. */
const waitSecondsMax = 30;
/** Polls held open at once. */
const pollsMax = 1_000;

const EventsQuery = Type.Object({
  after: Type.Optional(
    Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$", description: "epoch:pos; 0:0 is the beginning" }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: eventsPageMax, default: eventsPageDefault })),
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: waitSecondsMax, description: "seconds to wait for something new" }),
  ),
});

const Feed = Type.Object({
  epoch: Type.Integer(),
  events: Type.Array(LoggedEvent),
  next: Type.String({ description: "what to ask after next" }),
});

export const events = (app: Gateway, edge: Edge): void => {
  let polls = 0;

  app.get(
    "/sites/:site/events",
    {
      schema: {
        operationId: "readEvents",
        tags: ["Events"],
        summary: "The log of a site: dense, in order, without a gap",
        params: SiteParams,
        querystring: EventsQuery,
        response: { 200: Feed, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { site } = request.params;
      const { limit = eventsPageDefault, wait = 0, after = "0:0" } = request.query;
      await edge.sites.check(site);
      const from = positionOf(after);
      const read = () => readFeed(edge, { site, from, limit });
      const feed = await read();
      if (feed.events.length > 0 || wait === 0 || edge.closing.aborted) return feed;
      if (polls >= pollsMax) throw new Fault("overloaded", "too many polls wait already");
      polls += 1;
      try {
        return await poll(
          request,
          { read, wait: (signal) => waitForNews(edge.hub, site, feed.next, signal) },
          { waitSeconds: wait, closing: edge.closing },
        );
      } finally {
        polls -= 1;
      }
    },
  );
};

type Feed = Type.Static<typeof Feed>;

/** Reads again whenever there is news, until something is there, time is up, or the client or we have to go. */
const poll = async (
  request: FastifyRequest,
  source: { read: () => Promise<Feed>; wait: (signal: AbortSignal) => Promise<void> },
  { waitSeconds, closing }: { waitSeconds: number; closing: AbortSignal },
): Promise<Feed> => {
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.raw.socket.once("close", leave);
  closing.addEventListener("abort", leave);
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(waitSeconds * 1_000)]);
  try {
    for (;;) {
      // We listen before we read, so that nothing falls between the two.
      const news = source.wait(signal);
      const feed = await source.read();
      if (feed.events.length > 0 || signal.aborted) {
        gone.abort();
        return feed;
      }
      await news;
    }
  } finally {
    request.raw.socket.off("close", leave);
    closing.removeEventListener("abort", leave);
  }
};

const positionOf = (text: string): Position => {
  const position = parsePosition(text);
  if (position === undefined) throw malformedAt("/after", "must be epoch:pos (querystring)");
  return position;
};

const readFeed = async (
  { bus }: Edge,
  { site, from, limit }: { site: string; from: Position; limit: number },
): Promise<Feed> => {
  const { epoch, events, head } = await inquire(bus, AskEvents, {
    site,
    epoch: from.epoch,
    after: from.pos,
    limit,
  });
  const isBeginning = from.epoch === 0 && from.pos === 0;
  if (epoch !== from.epoch && !isBeginning) throw new Fault("epoch_unknown", positionText(from));
  if (from.pos > head)
    throw new Fault("position_unknown", `the log ends at ${positionText({ epoch, pos: head })}`);
  return { epoch, events, next: positionText({ epoch, pos: events.at(-1)?.pos ?? from.pos }) };
};
