import { aboutRows, type Classes, concernsClasses, foldClasses } from "../actors/class-book.ts";
import { rowChanges } from "../actors/live-messages.ts";
import { findClasses, saveClasses } from "../store/classes.ts";
import { board } from "./board.ts";

/** What classes are called, and where they belong. */
export const classes = board<Classes, Classes>({
  name: "classes.1",
  tables: ["rental_class"],
  concerns: concernsClasses,
  find: findClasses,
  fold: (known, { happenings }) => foldClasses(known, happenings),
  save: saveClasses,
  news: (changed, { pos }) => ({ dashboard: rowChanges(aboutRows(changed, pos)) }),
});
