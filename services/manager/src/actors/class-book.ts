import {
  type ClassAbout,
  ClassDefined,
  crewOf,
  dashboardKey,
  foldClass,
  type LiveRow,
  type RentalClass,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";

/** Classes by their name, as far as somebody has described them. */
export type Classes = ReadonlyMap<string, RentalClass>;

export const concernsClasses = ({ event }: Happening): boolean => event.type === ClassDefined.type;

const definedIn = ({ event }: Happening): ClassDefined => event.data as ClassDefined;

export const describedClasses = (happenings: readonly Happening[]): Set<string> =>
  new Set(happenings.map((happening) => definedIn(happening).class));

/** The classes that were described anew, as they are afterwards. */
export const foldClasses = (known: Classes, happenings: readonly Happening[]): Classes => {
  const changed = new Map<string, RentalClass>();
  for (const happening of happenings) {
    const defined = definedIn(happening);
    const before = changed.get(defined.class) ?? known.get(defined.class);
    changed.set(defined.class, foldClass(before, happening.event.pos, defined));
  }
  return changed;
};

/** What people see of a class beside its counts. */
export const classAbout = (rentalClass: RentalClass): ClassAbout => ({
  name: rentalClass.name,
  shortName: rentalClass.shortName,
  category: rentalClass.category,
  subcategory: rentalClass.subcategory,
  crew: crewOf(rentalClass),
});

/** The keyed rows of the live dashboard for these classes. */
export const aboutRows = (classes: Classes, version: number): LiveRow[] =>
  [...classes].map(([name, own]) => ({ key: dashboardKey.about(name), version, ...classAbout(own) }));
