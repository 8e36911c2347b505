import { ClassDefined, type ClassDefined as ClassDefinedBody, foldClass } from "@tagwire/messages";
import { blocked, nothing, refused, type TakeBack, undone } from "./compensation.ts";
import { around } from "./undo-log.ts";

/**
 * Takes back what a class was described as: each word of it is what it was before. Of one that was never described otherwise nothing is
 * said any more, so it is known by its things alone, which are its own whatever it is called. What was said anew since depends on it.
 */
export const takeBackDescription: TakeBack = ({ event, book, history, origin }) => {
  const { class: name, set } = event.data as ClassDefinedBody;
  const known = book.rentalClass(name);
  if (known === undefined) return refused("nothing is known of its class");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const keys = Object.keys(set) as (keyof ClassDefinedBody["set"])[];
  const anew = others.later.find(({ data }) => keys.some((key) => key in (data as ClassDefinedBody).set));
  if (anew !== undefined) return blocked(anew);
  const before = others.before.reduce(
    (folded, { pos, data }) => foldClass(folded, pos, data as ClassDefinedBody),
    foldClass(undefined, 0, { class: name, set: {} }),
  );
  const back = Object.fromEntries(keys.map((key) => [key, before[key]]));
  const data = { class: name, set: back, undoes: event.pos };
  return undone([{ type: ClassDefined.type, data, ...origin }], back);
};
