import { createOddities } from "./oddities.ts";
import { readRentalClass } from "./read-names.ts";
import { readPlace } from "./read-place.ts";
import { readText } from "./read-text.ts";
import { contentOf, identityOf, naturalKeyOf } from "./row-identity.ts";
import type { ClassRow, RawRow } from "./rows.ts";

export type Normalising = {
  /** That of the devices, such as `America/Chicago`. */
  readonly timeZone: string;
  /** Which one it is of the rows that have its natural key, from 1. */
  readonly occurrence: number;
};

/** Reads a rental class. Never throws, whatever is given. */
export const normaliseClass = (raw: RawRow, { occurrence }: Pick<Normalising, "occurrence">): ClassRow => {
  const oddities = createOddities();
  const rentalClass = readRentalClass(raw, oddities);
  if (rentalClass === null) oddities.note("rental_class_id", "class_blank", "");
  const { place, role } = readPlace(raw, "bin_location", oddities);
  return {
    identity: identityOf(naturalKeyOf("classes", raw), occurrence),
    content: contentOf(raw),
    rentalClass: rentalClass ?? "",
    name: readText(raw, "common_name", oddities) ?? "",
    bin: place ?? role,
    oddities: oddities.all(),
  };
};
