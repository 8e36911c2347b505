import { useCallback, useSyncExternalStore } from "react";

/** Follows a media query. */
export const useMedia = (query: string): boolean => {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
};

/** Wide enough for the scan station beside everything else. */
export const roomForRail = "(min-width: 80rem)";
export const narrow = "(max-width: 55.99rem)";
