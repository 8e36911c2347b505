import type { RulePlace } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Broken, findRelations, type Violation } from "./store/relations.ts";

/** Every page of what does not belong together in the record of a site. */
export const relationPages = async (sql: Sql, site: string): Promise<Broken[]> => {
  const pages: Broken[] = [];
  for (let from: RulePlace | null | undefined; from !== null; ) {
    const page: Broken = await findRelations(sql, site, { from });
    pages.push(page);
    from = page.next;
  }
  return pages;
};

/** All that does not belong together in the record of a site. */
export const allViolations = async (sql: Sql, site: string): Promise<Violation[]> =>
  (await relationPages(sql, site)).flatMap(({ violations }) => violations);
