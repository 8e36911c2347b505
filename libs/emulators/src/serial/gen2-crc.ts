/** CRC-16 of a Gen2 tag over PC and EPC (ISO 18000-63, annex F): preset FFFF, polynomial 1021, inverted. */
export const gen2Crc = (bytes: readonly number[]): number => {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc ^ 0xffff;
};

/** An EPC with PC before and CRC behind, as it is on the tag: whole words, a shorter one filled up with zeros. */
export const storedTag = (epc: string): number[] => {
  const bytes = [...Buffer.from(epc.padEnd(Math.ceil(epc.length / 4) * 4, "0"), "hex")];
  const protocolControl = (bytes.length / 2) << 11;
  const stored = [protocolControl >> 8, protocolControl & 255, ...bytes];
  const crc = gen2Crc(stored);
  return [...stored, crc >> 8, crc & 255];
};
