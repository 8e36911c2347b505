import type { CreateSite, Site } from "@tagwire/messages";

const siteIdLengthMax = 32;

/** FNV-1a, 32 bits, of an id, which is ASCII: http://www.isthe.com/chongo/tech/comp/fnv/ The browser's own hashes are not there without TLS. */
const hashOf = (id: string): string => {
  let hash = 0x811c9dc5;
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
};

/** What is cut ends in a hash of the whole id: two sites that differ only at the end must not practise at one. */
const schoolIdOf = (id: string): string => {
  const whole = `training-${id}`;
  if (whole.length <= siteIdLengthMax) return whole;
  const hash = hashOf(id);
  return `${whole.slice(0, siteIdLengthMax - hash.length - 1)}-${hash}`;
};

/** The training site that belongs to a real one, in its zone. */
export const schoolOf = ({ id, name, timeZone }: Pick<Site, "id" | "name" | "timeZone">): CreateSite => ({
  ...{ id: schoolIdOf(id), name: `Training ${name}`, timeZone },
});
