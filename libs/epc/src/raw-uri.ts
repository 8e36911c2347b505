import { BitWriter, epcHexDigitsMax } from "./bits.ts";
import { malformed, outOfRange } from "./epc-error.ts";

const rawUri = /^urn:epc:raw:([1-9][0-9]{0,3})\.x([0-9A-F]+)$/;
const hexDigitBits = 4;

/** A tag by its bits alone (`urn:epc:raw:…`, TDS 2.3 §12.4): `hex` is of whole words. */
export const rawUriOf = (hex: string): string =>
  `urn:epc:raw:${hex.length * hexDigitBits}.x${hex.toUpperCase()}`;

/** The tag that a raw URI says, as hex of whole words; undefined where the text is no raw URI. @throws EpcError */
export const hexOfRawUri = (uri: string): string | undefined => {
  const [, length = "", hex = ""] = rawUri.exec(uri) ?? [];
  if (hex === "") return undefined;
  if (hex.length > epcHexDigitsMax)
    throw malformed(`a tag has at most ${epcHexDigitsMax} hexadecimal digits`);
  if (Number(length) > epcHexDigitsMax * hexDigitBits) throw outOfRange(`a tag has no ${length} bits`);
  const bits = new BitWriter();
  bits.write(BigInt(`0x${hex}`), Number(length));
  return bits.hex;
};
