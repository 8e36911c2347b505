import { bringBack, checkout, count, deliver, laundry } from "./daily-exercises.ts";
import { commissioning, finding, service, strays, undo } from "./odd-exercises.ts";
import type { Exercise } from "./steps.ts";

/** In the order in which a new hand learns them. */
export const exercises: readonly Exercise[] = [
  checkout,
  bringBack,
  deliver,
  count,
  laundry,
  service,
  commissioning,
  finding,
  strays,
  undo,
];
