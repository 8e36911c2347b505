import type { Bus } from "@tagwire/bus";
import { AskEpcisValues, type EpcisResource, epcisPageMax } from "@tagwire/messages";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import { malformedAt } from "../edge/problem.ts";
import { inquire } from "../edge/questions.ts";

/** An answer may hold fewer values than there are: so many are asked for to fill one page. */
const asksPerPageMax = 10;

export type Paging = { readonly perPage: number; readonly nextPageToken: string | undefined };

/** A token is of one list of one site; what follows the second space is the value after which to go on. */
const prefixOf = (site: string, resource: EpcisResource): string => `${site} ${resource} `;

/** @throws Refusal `malformed` for what was not given as a token, or for another list */
const afterOf = (token: string | undefined, prefix: string): string | null => {
  if (token === undefined) return null;
  const text = textIn(token);
  if (text?.startsWith(prefix) !== true)
    throw malformedAt("/nextPageToken", "was not given for this list (querystring)");
  return text.slice(prefix.length);
};

const textIn = (token: string): string | null => {
  try {
    return openCursor(token);
  } catch {
    return null;
  }
};

/** A page of the values of a resource, and the token of the next one; null after the last. */
export const readValuePage = async (
  bus: Bus,
  site: string,
  resource: EpcisResource,
  { perPage, nextPageToken }: Paging,
): Promise<{ values: string[]; nextPageToken: string | null }> => {
  const prefix = prefixOf(site, resource);
  const values: string[] = [];
  let after = afterOf(nextPageToken, prefix);
  for (let asks = 0; asks < asksPerPageMax && values.length < perPage; asks += 1) {
    const limit = Math.min(perPage - values.length, epcisPageMax);
    const answer = await inquire(bus, AskEpcisValues, { site, resource, limit, after });
    values.push(...answer.values);
    after = answer.next;
    if (after === null) break;
  }
  return { values, nextPageToken: after === null ? null : sealCursor(`${prefix}${after}`) };
};
