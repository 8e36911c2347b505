import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { MigrationMovedBody } from "./migration.ts";

const SiteCreatedBody = Type.Object({ name: Type.String(), timeZone: Type.String() });
export type SiteCreated = Static<typeof SiteCreatedBody>;

/** A site began: always the first event of its log. operations says it; manager listens. In the site's order, at least once. */
export const SiteCreated = event({ type: "site.created.v1", entity: "site", body: SiteCreatedBody });

/**
 * A site went one step away from the old system, or back: by whom, why, and what was measured before it went.
 *
 * operations says it; rfidpro-backup asks where the site stands. In the site's order, at least once.
 */
export const SiteMigrationMoved = event({
  type: "site.migration_moved.v1",
  entity: "site",
  body: MigrationMovedBody,
});
