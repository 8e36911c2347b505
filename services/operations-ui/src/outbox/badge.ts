import type { Outbox } from "./outbox.ts";

type Badged = { setAppBadge?(count: number): Promise<void>; clearAppBadge?(): Promise<void> };

/** The icon of the installed page shows how many scans this device still holds. */
export const badgeWith = (outbox: Outbox): void => {
  const { setAppBadge, clearAppBadge } = navigator as Badged;
  if (setAppBadge === undefined || clearAppBadge === undefined) return;
  let shown = 0;
  outbox.subscribe(() => {
    const { waiting, attention } = outbox.get();
    const count = waiting + attention.length;
    if (count === shown) return;
    shown = count;
    const told = count === 0 ? clearAppBadge.call(navigator) : setAppBadge.call(navigator, count);
    told.catch(() => {});
  });
};
