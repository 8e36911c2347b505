import { outgoing } from "@tagwire/actor";
import { answer, type Bus, publishInOrder, say } from "@tagwire/bus";
import { AskEvents, AskSites, Fault, headSubject, type LoggedEvent } from "@tagwire/messages";
import type { SampleLog } from "./test-log.ts";

/** Bounded like operations' own pages: an answer must fit into one message of the bus. */
const pageBytesMax = 800_000;

export type SampleOperations = {
  /** Puts events on the stream as the relay would. */
  readonly publish: (events: readonly LoggedEvent[]) => Promise<void>;
  /** Says the head of every site, as its owner does once a second. */
  readonly sayHeads: () => void;
  /** How often the log was asked for. */
  readonly pagesRead: () => number;
  readonly stop: () => Promise<void>;
};

/** Answers for the log of some sites over the real bus: the part of operations that the manager leans on. */
export const sampleOperations = (bus: Bus, logs: Map<string, SampleLog>): SampleOperations => {
  let pages = 0;
  const positionOf = ({ epoch, events }: SampleLog) => ({ epoch, pos: events.length });
  const page = (log: SampleLog, after: number, limit: number): LoggedEvent[] => {
    let bytes = 0;
    const wanted = log.events.slice(after, after + limit);
    const end = wanted.findIndex((event) => {
      bytes += JSON.stringify(event).length;
      return bytes > pageBytesMax;
    });
    return wanted.slice(0, end < 0 ? wanted.length : Math.max(1, end));
  };
  const answers = [
    answer(bus, AskSites, async () => ({
      sites: [...logs].map(([id, log]) => ({
        id,
        name: id,
        timeZone: "UTC",
        ...positionOf(log),
        createdAt: new Date().toISOString(),
        stage: "parallel" as const,
      })),
    })),
    answer(bus, AskEvents, async ({ site, epoch, after, limit }) => {
      pages += 1;
      const log = logs.get(site);
      if (log === undefined) throw new Fault("site_unknown", site);
      const isOther = epoch !== 0 && epoch !== log.epoch;
      const events = isOther ? [] : page(log, epoch === 0 ? 0 : after, limit);
      return { epoch: log.epoch, head: log.events.length, events };
    }),
  ];
  const sayHeads = () => {
    for (const [site, log] of logs)
      say(bus, headSubject(site), {
        ...positionOf(log),
        hash: log.events.at(-1)?.hash ?? "",
        at: new Date().toISOString(),
      });
  };
  return {
    publish: (events) => publishInOrder(bus, events.map(outgoing)),
    sayHeads,
    pagesRead: () => pages,
    stop: async () => {
      for (const one of answers) await one.stop();
    },
  };
};
