/** What the register holds after a message and its own inverted CRC-16 (polynomial 1021, start FFFF). */
const residue = 0x1d0f;
const polynomial = 0x1021;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ polynomial;
  return crc;
});

/**
 * Whether PC, EPC and CRC, as a tag sent them, belong together. Source: ISO 18000-63, annex F.
 *
 * A frame's own check is 8 or 16 bits: over months of a bad cable, pieces of two frames pass it. The tag's CRC goes through the reader
 * untouched and catches those, before a tag is believed that nobody has.
 */
export const isTagWhole = (stored: Uint8Array): boolean => {
  let crc = 0xffff;
  for (const byte of stored) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] as number);
  return crc === residue;
};
