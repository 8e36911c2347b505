import type { Site } from "@tagwire/messages";
import { routeText, type Screen } from "../../route.ts";
import { Entry } from "./entry.tsx";

/** The address names a site that there is not. Another one's figures must not stand under it. */
export const NoSite = ({ id, sites, screen }: { id: string; sites: readonly Site[]; screen: Screen }) => (
  <Entry
    title={`There is no site ${id}`}
    note="The address may be old or mistyped. These are the sites that you can open:"
  >
    <ul className="mt-6 grid gap-1">
      {sites.map((site) => (
        <li key={site.id}>
          <a
            href={routeText({ site: site.id, screen })}
            className="hit inline-flex items-center font-semibold underline decoration-line hover:decoration-ink"
          >
            {site.name}
          </a>
        </li>
      ))}
    </ul>
  </Entry>
);
