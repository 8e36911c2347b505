import type { ClassAbout } from "@tagwire/messages";
import { useMemo } from "react";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";

/** What classes are called, as the dashboard's view says: the boards themselves name a class by its key alone. */
export const useClassNames = (): ((name: string) => string) => {
  const { rows, revision } = useView(useSite().id, "dashboard");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is the same object; its revision tells when it changed
  return useMemo(
    () => (name: string) => (rows.get(`about:${name}`) as unknown as ClassAbout | undefined)?.name ?? name,
    [rows, revision],
  );
};
