import { lazy, Suspense, useEffect } from "react";
import { fetchPart } from "../late-part.ts";
import { openLookUp, useOpened } from "./opened.ts";

const LookUp = lazy(async () => ({ default: (await fetchPart(() => import("./look-up.tsx"))).LookUp }));

/** Hears the keys that open the look-up, and fetches it when somebody wants it. */
export const LookUpDoor = () => {
  const { isOpen, count } = useOpened();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      openLookUp();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <LookUp key={count} />
    </Suspense>
  );
};
