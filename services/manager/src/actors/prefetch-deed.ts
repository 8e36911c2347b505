import { type Day, ItemRented, ItemReturned, ItemStaged } from "@tagwire/messages";

/** What a device does that contracts foretell: it sends goods out, or takes them in. */
export const deeds = ["out", "in"] as const;
export type Deed = (typeof deeds)[number];

export const deedOf = (type: string): Deed | undefined => {
  if (type === ItemRented.type || type === ItemStaged.type) return "out";
  return type === ItemReturned.type ? "in" : undefined;
};

/** How many scans of a kind a device made on a day. */
export type DeedDay = {
  readonly device: string;
  readonly deed: Deed;
  readonly day: Day;
  readonly scans: number;
};

/** How long a device's work is looked back at, in days, and what a day more makes of its weight. */
export const deedDays = 7;
const dayWeight = 0.5;
const dayMs = 86_400_000;

/**
 * Which part of a kind of work falls to a device, from 0 to 1, as it was in the last days, the newest first. A device that has done nothing
 * yet is taken for the one that does all of it where nobody has, and for hardly any of it where others do.
 */
export const shareOf = (
  days: readonly DeedDay[],
  { device, deed, today }: { readonly device: string; readonly deed: Deed; readonly today: Day },
): number => {
  const todayMs = Date.parse(today);
  const weightOf = (rows: readonly DeedDay[]): number =>
    rows.reduce((sum, { day, scans }) => {
      const age = Math.max(0, (todayMs - Date.parse(day)) / dayMs);
      return sum + (age < deedDays ? scans * dayWeight ** age : 0);
    }, 0);
  const all = days.filter((one) => one.deed === deed);
  return (weightOf(all.filter((one) => one.device === device)) + 1) / (weightOf(all) + 1);
};
