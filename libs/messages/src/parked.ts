import Type, { type Static } from "typebox";

/** A message that nobody could read or apply, as it came, with the reason. Kept once, by its bytes; a person may replay it. */
export const ParkedMessage = Type.Object({
  subject: Type.String({ description: "where it was said" }),
  reason: Type.String(),
  bytes: Type.Integer({ description: "how many it had" }),
  base64: Type.String({ description: "the first 256 KiB of them" }),
  error: Type.String(),
});
export type ParkedMessage = Static<typeof ParkedMessage>;

export const parkedSubject = ({ service, reason }: { service: string; reason: string }): string =>
  `parked.${service}.${reason}`;
