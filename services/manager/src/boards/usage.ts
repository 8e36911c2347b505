import type { ClassDay } from "@tagwire/messages";
import { type ClassUse, concernsUse, foldUse } from "../actors/class-use.ts";
import { classDayChange } from "../actors/counts.ts";
import { calendarOf } from "../actors/day.ts";
import { findUse, saveUse } from "../store/class-use.ts";
import { board } from "./board.ts";

/** How classes stood at the end of each day, by the facts: what item-days are told from. */
export const usage = board<ClassUse, readonly ClassDay[]>({
  name: "usage.2",
  tables: ["class_use"],
  concerns: concernsUse,
  find: findUse,
  fold: (known, { happenings, timeZone }) => foldUse(known, happenings, calendarOf(timeZone)),
  save: saveUse,
  news: (days) => ({
    utilisation: days.map(classDayChange).sort((one, other) => one.pos - other.pos),
  }),
});
