import { newestIn } from "@tagwire/actor";
import { ask, type Bus, isStreamMissing } from "@tagwire/bus";
import { AskEvents, AskHeads, AskSites, Events, type Position } from "@tagwire/messages";
import { eventuallyBy } from "./eventually-by.ts";

const refillMsMax = 1_800_000;

type Options = { readonly tell: (line: string) => void; readonly signal: AbortSignal };

/** Where the log of a site ends, if the stream would still keep its last event. */
const keptHead = async (bus: Bus, site: string): Promise<Position | undefined> => {
  const { heads } = await ask(bus, AskHeads, { site });
  if (heads === null || heads.pos === 0) return undefined;
  const { epoch, pos } = heads;
  const { events } = await ask(bus, AskEvents, { site, epoch, after: pos - 1, limit: 1 });
  const recordedMs = Date.parse(events[0]?.recordedAt ?? "");
  return Date.now() - recordedMs < Events.maxAgeMs ? { epoch, pos } : undefined;
};

const reaches = (at: Position | undefined, head: Position): boolean =>
  at !== undefined && (at.epoch > head.epoch || (at.epoch === head.epoch && at.pos >= head.pos));

/**
 * Deletes the stream of events, and waits until operations has made it anew and filled it from its log, of every site as far as the log
 * went then. Whoever reads it meanwhile reads the log instead.
 *
 * @throws Fault `unavailable` when nobody answers or it is not filled within half an hour
 */
export const rebuildStream = async (
  bus: Bus,
  { tell, signal }: Options,
): Promise<{ stream: string; messages: number; sites: number }> => {
  const { sites } = await ask(bus, AskSites, {});
  const heads = new Map<string, Position>();
  for (const { id } of sites) {
    const head = await keptHead(bus, id);
    if (head !== undefined) heads.set(id, head);
  }
  await bus.manager.streams.delete(Events.name).catch((error: unknown) => {
    if (!isStreamMissing(error)) throw error;
  });
  tell(`${Events.name} is deleted; operations makes it anew and fills it from its log`);
  const newest = (site: string) =>
    newestIn(bus, Events.name, site).catch((error: unknown) => {
      if (isStreamMissing(error)) return undefined;
      throw error;
    });
  for (const [site, head] of heads) {
    await eventuallyBy({ what: `${site} is in the stream again`, msMax: refillMsMax, signal }, async () =>
      reaches(await newest(site), head) ? true : undefined,
    );
    tell(`${site}: in the stream again up to ${head.epoch}:${head.pos}`);
  }
  const info = await eventuallyBy({ what: "the stream is there", msMax: refillMsMax, signal }, () =>
    bus.manager.streams.info(Events.name).catch((error: unknown) => {
      if (isStreamMissing(error)) return undefined;
      throw error;
    }),
  );
  return { stream: Events.name, messages: info.state.messages, sites: heads.size };
};
