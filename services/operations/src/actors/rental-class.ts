import { ClassDefined, type DefineClass } from "@tagwire/messages";
import type { Book } from "./book.ts";
import type { Decision, Origin } from "./decision.ts";

/** Describes a class; what is not named stays as it was. */
export const decideDefineClass = (
  book: Book,
  request: { readonly class: string; readonly define: DefineClass },
  origin: Origin,
): Decision => {
  const name = request.class.trim();
  const known = book.rentalClass(name);
  const set = Object.fromEntries(
    Object.entries(request.define).filter(
      ([key, value]) => value !== (known?.[key as keyof DefineClass] ?? null),
    ),
  );
  if (known !== undefined && Object.keys(set).length === 0) return { outcome: "already_applied", flags: [] };
  return {
    outcome: "accepted",
    flags: [],
    said: { type: ClassDefined.type, data: { class: name, set }, ...origin },
  };
};
