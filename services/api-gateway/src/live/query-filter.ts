import { type LiveView, liveViewOf } from "@tagwire/messages";
import { malformedAt } from "../edge/problem.ts";
import { type Filter, readFilter } from "./filter.ts";

/** The text of those parameters of a query that are among `members`. */
export const filterGiven = (query: object, members: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).filter(
      (entry): entry is [string, string] => members.includes(entry[0]) && typeof entry[1] === "string",
    ),
  );

/**
 * What a query filters a list by that a live view shows, too: the same words mean the same on both roads.
 *
 * @throws Refusal `malformed`
 */
export const filterWanted = (
  view: LiveView,
  query: object,
  members: readonly string[] = Object.keys(liveViewOf(view).filter),
): Filter => {
  const read = readFilter(view, filterGiven(query, members));
  if ("wrong" in read) throw malformedAt(`/${read.wrong.member}`, `${read.wrong.message} (querystring)`);
  return read.filter;
};
