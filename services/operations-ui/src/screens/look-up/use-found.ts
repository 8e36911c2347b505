import { useEffect, useState } from "react";
import { screensWith } from "./candidates.ts";
import { type Found, findCandidates } from "./find-candidates.ts";

/** Typing goes on: what is asked for waits so long for the next letter. */
const settledMs = 120;

type FoundFor = Found & { readonly text: string };

/** What a text may mean: screens at once, and what the site has a moment later. */
export const useFound = (site: string, text: string): Found & { readonly isLooking: boolean } => {
  const [found, setFound] = useState<FoundFor>();
  const wanted = text.trim();
  useEffect(() => {
    if (wanted === "") return;
    const leave = new AbortController();
    const timer = setTimeout(async () => {
      const next = await findCandidates(site, wanted, leave.signal);
      if (!leave.signal.aborted) setFound({ ...next, text: wanted });
    }, settledMs);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [site, wanted]);
  if (wanted === "" || found?.text !== wanted)
    return { candidates: screensWith(site, wanted), wrong: undefined, isLooking: wanted !== "" };
  return { ...found, isLooking: false };
};
