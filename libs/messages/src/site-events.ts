import Type, { type Static } from "typebox";
import { event } from "./events.ts";

const SiteCreatedBody = Type.Object({ name: Type.String(), timeZone: Type.String() });
export type SiteCreated = Static<typeof SiteCreatedBody>;

/** A site began: always the first event of its log. operations says it; manager listens. In the site's order, at least once. */
export const SiteCreated = event({ type: "site.created.v1", entity: "site", body: SiteCreatedBody });
