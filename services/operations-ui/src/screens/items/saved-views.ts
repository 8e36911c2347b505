import { readStored, store } from "../../stored.ts";

/** Filters and order under a name. `query` is what stands in an address, without the name. */
export type SavedView = { readonly name: string; readonly query: string };

/** More than a list to choose from can be read. */
export const savedViewsMax = 30;
export const viewNameMax = 40;

/** What of an address belongs to a view; the open item does not. */
const kept = ["group", "status", "class", "place", "q", "sort"] as const;
/** Where the name of a view stands in an address. */
export const viewKey = "view";

/** The text of a view: the same filters are the same text, in whichever order they were chosen. */
export const viewQuery = (query: URLSearchParams): string =>
  new URLSearchParams(
    kept.flatMap((name) => {
      const value = query.get(name);
      return value === null || value === "" ? [] : [[name, value]];
    }),
  ).toString();

/** The query of the address of a view: whoever is sent it sees its name as well. */
export const addressQuery = ({ name, query }: SavedView): URLSearchParams => {
  const address = new URLSearchParams(query);
  address.set(viewKey, name);
  return address;
};

const isView = (value: unknown): value is SavedView => {
  const { name, query } = (value ?? {}) as Partial<Record<keyof SavedView, unknown>>;
  return typeof name === "string" && typeof query === "string";
};

/** Views as they were stored; of what cannot be read nothing is left. */
export const parseViews = (text: string | null): readonly SavedView[] => {
  try {
    const stored: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(stored) ? stored.filter(isView).slice(0, savedViewsMax) : [];
  } catch {
    return [];
  }
};

const byName = (one: SavedView, other: SavedView): number => one.name.localeCompare(other.name);

/** One more view, or a known name that means something else from now on. */
export const withView = (views: readonly SavedView[], view: SavedView): readonly SavedView[] =>
  [...views.filter(({ name }) => name !== view.name), view].sort(byName);

const keyOf = (site: string): string => `tagwire.views.${site}`;

export const readViews = (site: string): readonly SavedView[] => parseViews(readStored(keyOf(site)));
export const storeViews = (site: string, views: readonly SavedView[]): void =>
  store(keyOf(site), JSON.stringify(views));
