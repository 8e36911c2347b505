import type { KeptRecording } from "@tagwire/messages";
import { durationText } from "./time.ts";

const kib = 1_024;

/** A size as people say it: `812 B`, `4.5 KiB`, `64 MiB`. */
export const sizeText = (bytes: number): string => {
  if (bytes < kib) return `${bytes} B`;
  const [size, unit] = bytes < kib * kib ? [bytes / kib, "KiB"] : [bytes / kib / kib, "MiB"];
  return `${size < 10 ? size.toFixed(1).replace(/\.0$/, "") : Math.round(size)} ${unit}`;
};

/** How long a recording is, as far as that is known. */
export const lengthText = ({
  from,
  until,
  goingOn,
}: Pick<KeptRecording, "from" | "until" | "goingOn">): string => {
  if (goingOn) return "goes on";
  return until === null ? "cut off" : durationText(Date.parse(until) - Date.parse(from));
};
