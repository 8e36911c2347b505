import type { By } from "@tagwire/messages";

/** Who or what caused something: `Ana · tablet-3`, `reader dock-1, antenna 2`. */
export const byText = ({ person, device, reader, antenna }: By): string => {
  const parts = [
    person,
    device,
    reader === undefined
      ? undefined
      : `reader ${reader}${antenna === undefined ? "" : `, antenna ${antenna}`}`,
  ].filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? "the system" : parts.join(" · ");
};
