import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { visibleText } from "./ids.ts";
import { PlaceName } from "./items.ts";

export const crews = ["tent", "linen", "service"] as const;
export type Crew = (typeof crews)[number];
export const Crew = Type.Enum(crews, { description: "who looks after it" });

const Label = Type.String({ minLength: 1, maxLength: 120, pattern: visibleText });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** What people call a class and where it belongs in the tree of them. */
export const DefineClass = Type.Object(
  {
    name: Type.Optional(nullable(Label)),
    shortName: Type.Optional(nullable(Label)),
    category: Type.Optional(nullable(Label)),
    subcategory: Type.Optional(nullable(Label)),
    crew: Type.Optional(nullable(Crew)),
    place: Type.Optional(nullable(PlaceName)),
  },
  { additionalProperties: false },
);
export type DefineClass = Static<typeof DefineClass>;

/** A rental class of a site. A class without a row is known by its items alone. */
export const RentalClass = Type.Object({
  class: Type.String(),
  name: nullable(Type.String()),
  shortName: nullable(Type.String()),
  category: nullable(Type.String()),
  subcategory: nullable(Type.String()),
  crew: nullable(Crew),
  place: nullable(Type.String()),
  version: Type.Integer(),
  pos: Type.Integer(),
});
export type RentalClass = Static<typeof RentalClass>;

/** Categories whose crew the trade takes for granted; everything else is the service department's. */
const crewOfCategory: Readonly<Record<string, Crew>> = {
  "frame tent tops": "tent",
  "pole tent tops": "tent",
  "tent crates": "tent",
  sidewall: "tent",
  napkins: "linen",
  "rectangle linen": "linen",
  "round linen": "linen",
  skirt: "linen",
  spandex: "linen",
};

/** Who looks after a class: who was named, else who looks after its category. */
export const crewOf = (rentalClass: Pick<RentalClass, "crew" | "category"> | undefined): Crew => {
  const category = rentalClass?.category?.trim().toLowerCase() ?? "";
  return (
    rentalClass?.crew ??
    (Object.hasOwn(crewOfCategory, category) ? crewOfCategory[category] : undefined) ??
    "service"
  );
};

const ClassDefinedBody = Type.Object({
  class: Type.String(),
  set: Type.Partial(Type.Omit(RentalClass, ["class", "version", "pos"])),
  undoes: Type.Optional(Type.Integer({ description: "position of the description that is taken back" })),
  /** Why it was taken back, as somebody said. */
  reason: Type.Optional(Type.String()),
});
export type ClassDefined = Static<typeof ClassDefinedBody>;

/**
 * A class was described: what it is called, its place in the tree, its crew.
 * operations says it once it is committed; manager listens. At least once, in the site's order.
 */
export const ClassDefined = event({ type: "class.defined.v1", entity: "class", body: ClassDefinedBody });

/** Folds the event into the row before it: the one definition of what the log says of a class. */
export const foldClass = (
  before: RentalClass | undefined,
  pos: number,
  { class: name, set }: ClassDefined,
): RentalClass => ({
  class: name,
  name: null,
  shortName: null,
  category: null,
  subcategory: null,
  crew: null,
  place: null,
  ...before,
  ...set,
  version: (before?.version ?? 0) + 1,
  pos,
});
