import type { By } from "@tagwire/messages";

/** The key that lies beside a running Tagwire is nobody's: the record calls whoever holds it so, and a page says what that is. */
const localKeyName = "local tools";

/** What a person is called. */
export const personText = (name: string): string => (name === localKeyName ? "a tool on the server" : name);

/** Who or what caused something: `Ana · tablet-3`, `reader dock-1, antenna 2`. */
export const byText = ({ person, device, reader, antenna, rule }: By): string => {
  const parts = [
    person === undefined ? undefined : personText(person),
    device,
    reader === undefined
      ? undefined
      : `reader ${reader}${antenna === undefined ? "" : `, antenna ${antenna}`}`,
    rule === undefined ? undefined : `the rule ${rule}`,
  ].filter((part) => part !== undefined && part !== "");
  return parts.length === 0 ? "the system" : parts.join(" · ");
};
