import type { Site } from "@tagwire/messages";
import { createContext, useContext } from "react";

export const SiteContext = createContext<Site | undefined>(undefined);

/** The site that is open. Its time zone is the zone of every time on the page. */
export const useSite = (): Site => {
  const site = useContext(SiteContext);
  if (site === undefined) throw new Error("SiteContext has no site");
  return site;
};
