import { useMemo } from "react";
import { useOutbox } from "../scan/station.ts";
import { useSite } from "../site-context.ts";
import { oddKindOf } from "./kinds.ts";
import { isOpen } from "./progress.ts";

/** How many odd scans wait for somebody at this site. */
export const useOpenOdd = (): number => {
  const { attention, odd } = useOutbox();
  const { id } = useSite();
  return useMemo(
    () =>
      [...attention, ...odd].filter(
        (command) => command.site === id && oddKindOf(command) !== undefined && isOpen(command),
      ).length,
    [attention, odd, id],
  );
};
