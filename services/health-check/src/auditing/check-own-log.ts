import type { Sql } from "@tagwire/store";
import type { Sighting } from "../actors/sighting.ts";
import { findBrokenLine, findLineHead, findSilenced } from "../store/lines.ts";

/** So many of the newest lines are checked at each audit: three days of a site at which nothing happens. */
const newestLines = 1_000;
/** Of those before them a part, the next one each time; */
const linesPerAudit = 1_000;

const broken = (line: number): Sighting => ({
  ...{ code: "findings_changed", entity: "line", key: String(line), isCertain: true },
  evidence: { detail: "the line does not come to its hash, or does not follow the one before" },
});

/**
 * Whether the log of findings is the one that was written, and findings are in the state that it tells. The newest lines are checked
 * at each audit before it goes on, the others by turns: however long the log is, in a day all of it was.
 *
 * @param from the line after which the turn begins
 * @param share of everything that is due, from 0 to 1
 */
export const checkOwnLog = async (
  sql: Sql,
  site: string,
  { from, share }: { readonly from: number; readonly share: number },
): Promise<{ readonly found: readonly Sighting[]; readonly until: number }> => {
  const head = await findLineHead(sql, site);
  if (head === undefined) return { found: [], until: 0 };
  const newest = Math.max(0, head.seq - newestLines);
  const after = from < newest ? from : 0;
  const until = Math.min(newest, after + Math.max(linesPerAudit, Math.ceil(head.seq * share)));
  const lines = [
    await findBrokenLine(sql, site, { head, after: newest, until: head.seq }),
    after < until ? await findBrokenLine(sql, site, { head, after, until }) : undefined,
  ].filter((line) => line !== undefined);
  // One finding that is changed in several ways is told once.
  const silenced = new Map((await findSilenced(sql, site)).map((one) => [one.id, one])).values();
  return {
    found: [
      ...[...new Set(lines)].map(broken),
      ...[...silenced].map(
        ({ id, field, is, told }): Sighting => ({
          ...{ code: "findings_changed", entity: "finding", key: id, isCertain: true },
          evidence: {
            detail: `its ${field} is ${is ?? "nothing"}, and the log says ${told ?? "nothing"}: nobody did that through Tagwire`,
          },
        }),
      ),
    ],
    // Where a line is broken the turn stays, so that it is seen for as long as it is so.
    until: lines.length > 0 ? after : until,
  };
};
