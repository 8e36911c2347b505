import Type from "typebox";
import { Instant } from "./ids.ts";

/**
 * Of which position of the site's log an answer from the record is, and when it was read: rows and position are of one instant. Absent
 * in answers of an operations that does not say it yet.
 */
export const recordPosition = {
  epoch: Type.Optional(Type.Integer({ description: "epoch of the log that this is of" })),
  pos: Type.Optional(Type.Integer({ description: "position of the log that this is of" })),
  asOf: Type.Optional(Instant),
};
