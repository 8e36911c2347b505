import { type Field, integer, numericString, paddedDigits, reserved } from "./field.ts";
import { type Gs1Key, keyNamed } from "./gs1-key.ts";
import { companyPrefixThen } from "./partition.ts";
import { cage6, cage8, text6, text7 } from "./text.ts";

/** How one EPC scheme of TDS 1.13 lies on the tag: the header byte, the filter if there is one, then the fields. */
export type Scheme = {
  /** As in tag URIs: "sgtin-96". */
  readonly name: string;
  /** As in pure identity URIs: "sgtin". */
  readonly identity: string;
  readonly header: number;
  readonly filter: Field | null;
  readonly fields: readonly Field[];
  /** null where the identity is not a GS1 key and so has no Digital Link. */
  readonly key: Gs1Key | null;
};

/** A company prefix and a number that share a fixed count of bits and of digits. */
const numberedKey = (bits: number, digits: number): Field =>
  companyPrefixThen((prefix) => paddedDigits(bits - prefix.bits, digits - prefix.digits));

const tradeItem = numberedKey(44, 13);
const shippingUnit = numberedKey(58, 17);
const location = numberedKey(41, 12);
const assetType = numberedKey(44, 12);
const serviceRelation = numberedKey(58, 17);
const documentType = numberedKey(41, 12);
const coupon = numberedKey(41, 12);

/** A GIAI or a CPI has at most 30 characters, company prefix included. */
const keyCharactersMax = 30;

const assetNumber = companyPrefixThen((prefix) => integer(82 - prefix.bits));
const assetText = companyPrefixThen((prefix) => text7(188 - prefix.bits, keyCharactersMax - prefix.digits));

const partNumber = companyPrefixThen((prefix) =>
  integer(51 - prefix.bits, 10n ** BigInt(15 - prefix.digits)),
);
const partText = companyPrefixThen((prefix) =>
  text6({ allowed: /^[#\-/0-9A-Z]+$/, charactersMax: keyCharactersMax - prefix.digits }),
);

/** Piece number and count of pieces. The bits allow 00; whether that makes sense is not for the tag to say. */
const pieceOfTotal = [paddedDigits(7, 2), paddedDigits(7, 2)] as const;

const originalPartNumber = text6({ allowed: /^[-/0-9A-Z]*$/, charactersMax: 32 });
/** A leading # marks a serial number given to a part that was made without one. */
const partSerial = text6({ allowed: /^#?[-/0-9A-Z]+$/, charactersMax: 30 });

const gs1Filter = integer(3);

const withIdentity = (scheme: Omit<Scheme, "identity" | "key">): Scheme => {
  const identity = scheme.name.slice(0, scheme.name.indexOf("-"));
  return { ...scheme, identity, key: keyNamed(identity) };
};

/** A scheme for a GS1 key has three filter bits. */
const gs1 = (name: string, header: number, fields: readonly Field[]): Scheme =>
  withIdentity({ name, header, filter: gs1Filter, fields });

/** Headers and layouts are those of TDS 1.13, "EPC binary coding schemes". */
export const schemes: readonly Scheme[] = [
  gs1("gdti-96", 0x2c, [documentType, integer(41)]),
  gs1("gsrn-96", 0x2d, [serviceRelation, reserved(24)]),
  gs1("gsrnp-96", 0x2e, [serviceRelation, reserved(24)]),
  withIdentity({ name: "usdod-96", header: 0x2f, filter: integer(4), fields: [cage8, integer(36)] }),
  gs1("sgtin-96", 0x30, [tradeItem, integer(38)]),
  gs1("sscc-96", 0x31, [shippingUnit, reserved(24)]),
  gs1("sgln-96", 0x32, [location, integer(41)]),
  gs1("grai-96", 0x33, [assetType, integer(38)]),
  gs1("giai-96", 0x34, [assetNumber]),
  withIdentity({
    name: "gid-96",
    header: 0x35,
    filter: null,
    fields: [integer(28), integer(24), integer(36)],
  }),
  gs1("sgtin-198", 0x36, [tradeItem, text7(140)]),
  gs1("grai-170", 0x37, [assetType, text7(112)]),
  gs1("giai-202", 0x38, [assetText]),
  gs1("sgln-195", 0x39, [location, text7(140)]),
  // Deprecated since TDS 1.9 in favour of GDTI-174, and still on tags.
  gs1("gdti-113", 0x3a, [documentType, numericString(58, 17)]),
  withIdentity({
    name: "adi-var",
    header: 0x3b,
    filter: integer(6),
    fields: [cage6, originalPartNumber, partSerial],
  }),
  gs1("cpi-96", 0x3c, [partNumber, integer(31)]),
  gs1("cpi-var", 0x3d, [partText, integer(40, 10n ** 12n)]),
  gs1("gdti-174", 0x3e, [documentType, text7(119)]),
  gs1("sgcn-96", 0x3f, [coupon, numericString(41, 12)]),
  gs1("itip-110", 0x40, [tradeItem, ...pieceOfTotal, integer(38)]),
  gs1("itip-212", 0x41, [tradeItem, ...pieceOfTotal, text7(140)]),
];

const byHeader = new Map(schemes.map((scheme) => [scheme.header, scheme]));
const byName = new Map(schemes.map((scheme) => [scheme.name, scheme]));

export const schemeWithHeader = (header: number): Scheme | undefined => byHeader.get(header);
export const schemeNamed = (name: string): Scheme | undefined => byName.get(name);
