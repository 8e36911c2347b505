import type { Item, Scan } from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Decision } from "./decision.ts";
import type { HeardScan } from "./heard-scan.ts";
import { decideScan } from "./scan.ts";
import { withRealContract } from "./scan-contract.ts";
import { type SessionTask, toldInSession, withSessionContract } from "./scan-session.ts";

/** The session that a scan of an item names, what it saw of that item before, and the contract that it is about. */
const sessionTask = (book: Book, id: string, tag: string): SessionTask => {
  const session = book.session(id);
  const number = session?.contract ?? undefined;
  return {
    ...{ session, before: book.sessionTag(id, tag) },
    contract: number === undefined ? undefined : (book.contract(number)?.number ?? number),
  };
};

/** A scan as it is meant: with the contract of its session where that goes without saying, and by the number which that has now. */
export const meantScan = (book: Book, item: Item, scan: Scan): Scan => {
  const { session: id } = scan;
  return withRealContract(
    id === undefined ? scan : withSessionContract(scan, sessionTask(book, id, item.tag)),
    book,
  );
};

/** A scan of a known item as its session hears and tells it; one that was made in no session is decided as it is. */
export const decideInSession = (book: Book, item: Item, heard: HeardScan): Decision => {
  const { session: id } = heard.scan;
  if (id === undefined) return decideScan(item, heard, book);
  const task = sessionTask(book, id, item.tag);
  const scan = withSessionContract(heard.scan, task);
  return toldInSession(item, scan, decideScan(item, { ...heard, scan }, book), task);
};
