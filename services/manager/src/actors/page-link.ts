import type { AlertKind } from "@tagwire/messages";

/** What a link has to know of an alert. */
export type Linked = {
  readonly kind: AlertKind;
  readonly group: string;
  readonly count: number;
  readonly examples: readonly { readonly key: string }[];
};

type Place = { readonly path: readonly string[]; readonly query?: Readonly<Record<string, string>> };

const board = (name: string): Place => ({ path: ["boards"], query: { board: name } });
const item = (tag: string): Place => ({ path: ["items", tag] });
const contract = (number: string, kind: string): Place =>
  kind === "laundry"
    ? { path: ["laundry"], query: { contract: number } }
    : { path: ["boards"], query: { board: "contracts", contract: number } };

/** The screen of one thing where an alert is about one, and otherwise the one that lists them; none where no screen shows it. */
const places: Readonly<Record<AlertKind, (alert: Linked, only: string | undefined) => Place | undefined>> = {
  stale: (_, only) => (only === undefined ? board("stale") : item(only)),
  missing: (_, only) => (only === undefined ? { path: ["items"], query: { status: "missing" } } : item(only)),
  queue_age: (_, only) => (only === undefined ? board("queues") : item(only)),
  overdue: ({ group }, only) => (only === undefined ? board("contracts") : contract(only, group)),
  reader_silent: ({ group }) => ({
    path: ["readers"],
    ...(group === "" ? {} : { query: { reader: group } }),
  }),
  finding_opened: () => ({ path: ["agreement"] }),
  webhook_failing: () => undefined,
  threshold: () => ({ path: ["live"] }),
};

/**
 * The address at which the page shows what an alert is about; `page` is where people open the page, and ends with a slash. The page reads
 * the fragment: `#/<site>/<screen>/<tag>?…`.
 */
export const pageLinkOf = (page: string, site: string, alert: Linked): string | undefined => {
  const only = alert.count === 1 ? alert.examples[0]?.key : undefined;
  const place = places[alert.kind](alert, only);
  if (place === undefined) return undefined;
  const query = new URLSearchParams(place.query).toString();
  const path = [site, ...place.path].map(encodeURIComponent).join("/");
  return `${page}#/${path}${query === "" ? "" : `?${query}`}`;
};
