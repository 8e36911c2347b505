/** Where GS1 resolves Digital Links that have no domain of their own. */
const host = "https://id.gs1.org";

/**
 * The GS1 check digit of a number that still lacks it: from the right, digits weigh 3, 1, 3, 1 …
 * (GS1 General Specifications, "Check digit calculations").
 */
export const checkDigit = (digits: string): string => {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1;
    sum += weight * Number(digits[index]);
  }
  return String((10 - (sum % 10)) % 10);
};

const withCheckDigit = (digits: string): string => digits + checkDigit(digits);

/** In a path everything but letters, digits and `-._~` is escaped, also `!'()*`, which `encodeURIComponent` leaves. */
const inPath = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** In SGTIN, ITIP and SSCC the first digit of the reference is the indicator or extension digit and leads the key. */
const leadingDigitFirst = (company: string, reference: string): string =>
  withCheckDigit(reference.slice(0, 1) + company + reference.slice(1));

/** The parts of a pure identity URI in their order, without escapes. */
export type LinkFrom = (parts: readonly string[]) => string;

/** One way to a Digital Link for each kind of GS1 key; the numbers are application identifiers. */
const links: ReadonlyMap<string, LinkFrom> = new Map(
  Object.entries<LinkFrom>({
    sgtin: ([company = "", item = "", serial = ""]) =>
      `${host}/01/${leadingDigitFirst(company, item)}/21/${inPath(serial)}`,
    itip: ([company = "", item = "", piece = "", total = "", serial = ""]) =>
      `${host}/8006/${leadingDigitFirst(company, item)}${piece}${total}/21/${inPath(serial)}`,
    sscc: ([company = "", serial = ""]) => `${host}/00/${leadingDigitFirst(company, serial)}`,
    /** The extension "0" says that the location has no extension (TDS 1.13, "SGLN"). */
    sgln: ([company = "", location = "", extension = ""]) =>
      `${host}/414/${withCheckDigit(company + location)}${extension === "0" ? "" : `/254/${inPath(extension)}`}`,
    /** The number of a returnable asset has a filler zero in front. */
    grai: ([company = "", type = "", serial = ""]) =>
      `${host}/8003/0${withCheckDigit(company + type)}${inPath(serial)}`,
    giai: ([company = "", reference = ""]) => `${host}/8004/${company}${inPath(reference)}`,
    gsrn: ([company = "", service = ""]) => `${host}/8018/${withCheckDigit(company + service)}`,
    gsrnp: ([company = "", service = ""]) => `${host}/8017/${withCheckDigit(company + service)}`,
    gdti: ([company = "", type = "", serial = ""]) =>
      `${host}/253/${withCheckDigit(company + type)}${inPath(serial)}`,
    sgcn: ([company = "", coupon = "", serial = ""]) =>
      `${host}/255/${withCheckDigit(company + coupon)}${serial}`,
    cpi: ([company = "", reference = "", serial = ""]) =>
      `${host}/8010/${company}${inPath(reference)}/8011/${serial}`,
  }),
);

/** How an identity such as "sgtin" becomes a Digital Link. @throws TypeError for one that is not a GS1 key */
export const linkFrom = (identity: string): LinkFrom => {
  const link = links.get(identity);
  if (link === undefined) throw new TypeError(`"${identity}" has no Digital Link`);
  return link;
};
