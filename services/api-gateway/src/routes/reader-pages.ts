import type { Bus } from "@tagwire/bus";
import { AskReaders, type Reader, type SiteId } from "@tagwire/messages";
import { inquire } from "../edge/questions.ts";
import { byCursor } from "./export-list.ts";

/** All readers of a site, page by page: a portal of many antennas has much to tell, and so has a site of many portals. */
export const readerPages = (bus: Bus, site: SiteId): AsyncGenerator<readonly Reader[]> =>
  byCursor(async (cursor) => {
    const { readers, next = null } = await inquire(bus, AskReaders, { site, cursor });
    return { rows: readers, next };
  });
