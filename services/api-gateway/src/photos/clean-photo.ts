import { Fault, type PhotoType } from "@tagwire/messages";

/*
 * What a photo is, by its bytes and not by what it is called, and the same photo without what it tells besides: where it was taken, by which
 * device, when. JPEG: ITU-T T.81 annex B; PNG: W3C PNG (third edition) §5; WebP: RFC 9649.
 */

export type CleanPhoto = { readonly type: PhotoType; readonly bytes: Buffer };

/** A picture that would take this many pixels in a browser's memory is none of a damage. */
export const photoPixelsMax = 50_000_000;

const broken = (what: string): Fault => new Fault("photo.broken", what);

const checkSize = (width: number, height: number): void => {
  if (width === 0 || height === 0) throw broken("it has no size");
  if (width * height > photoPixelsMax) throw new Fault("photo.too_large", `${width} x ${height} pixels`);
};

/** Markers of a JPEG that carry how it is painted: JFIF (APP0) and Adobe's colours (APP14). Every other APPn, and comments, tell something. */
const isTelling = (marker: number): boolean =>
  (marker >= 0xe0 && marker <= 0xef && marker !== 0xe0 && marker !== 0xee) || marker === 0xfe;
/** Frames (SOF): all of C0 to CF but the tables and reserved ones among them. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const startOfScan = 0xda;

const cleanJpeg = (bytes: Buffer): Buffer => {
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  let hasFrame = false;
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) throw broken(`no marker at byte ${at}`);
    // Any number of fill bytes may stand before a marker.
    let marker = at + 1;
    while (bytes[marker] === 0xff) marker += 1;
    const code = bytes[marker];
    if (code === undefined || marker + 2 >= bytes.length) throw broken("it ends within its head");
    const length = bytes.readUInt16BE(marker + 1);
    const end = marker + 1 + length;
    if (length < 2 || end > bytes.length) throw broken("it ends within its head");
    if (isFrame(code)) {
      if (length < 8) throw broken("a frame without a size");
      checkSize(bytes.readUInt16BE(marker + 6), bytes.readUInt16BE(marker + 4));
      hasFrame = true;
    }
    if (code === startOfScan) {
      if (!hasFrame) throw broken("no frame before its data");
      const last = bytes.lastIndexOf(Buffer.from([0xff, 0xd9]));
      if (last < end) throw broken("it has no end");
      // What cameras append behind the end is no part of the picture.
      return Buffer.concat([...kept, bytes.subarray(at, last + 2)]);
    }
    if (!isTelling(code)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  throw broken("it has no data");
};

const pngHead = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const pngChunkOverhead = 12;
/** What a PNG needs to be painted as it was; texts, times and EXIF are no part of that. */
const pngKept: ReadonlySet<string> = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "cICP", "bKGD", "pHYs"],
]);

const cleanPng = (bytes: Buffer): Buffer => {
  const kept: Buffer[] = [pngHead];
  let hasData = false;
  for (let at = pngHead.length; at + pngChunkOverhead <= bytes.length; ) {
    const end = at + pngChunkOverhead + bytes.readUInt32BE(at);
    const name = bytes.toString("latin1", at + 4, at + 8);
    if (end > bytes.length) throw broken(`it ends within ${name}`);
    if (kept.length === 1) {
      if (name !== "IHDR" || end - at < pngChunkOverhead + 13)
        throw broken("it does not begin with its size");
      checkSize(bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12));
    }
    if (name === "IDAT") hasData = true;
    if (pngKept.has(name)) kept.push(bytes.subarray(at, end));
    if (name === "IEND") {
      if (!hasData) throw broken("it has no data");
      return Buffer.concat(kept);
    }
    at = end;
  }
  throw broken("it has no end");
};

const riffHeadBytes = 12;
const chunkHeadBytes = 8;
/** Flags of VP8X that say that EXIF (0x08) and XMP (0x04) follow: here they do not. */
const webpTellingFlags = 0x0c;
const webpKept: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ICCP"]);

/** The size of a WebP as its first chunk has it. */
const webpSize = (name: string, data: Buffer): readonly [number, number] => {
  if (name === "VP8X" && data.length >= 10) return [data.readUIntLE(4, 3) + 1, data.readUIntLE(7, 3) + 1];
  if (name === "VP8 " && data.length >= 10)
    return [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff];
  if (name === "VP8L" && data.length >= 5) {
    const bits = data.readUInt32LE(1);
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
  }
  throw broken(`it begins with ${name}`);
};

const cleanWebp = (bytes: Buffer): Buffer => {
  const kept: Buffer[] = [];
  let hasData = false;
  const whole = Math.min(bytes.length, chunkHeadBytes + bytes.readUInt32LE(4));
  for (let at = riffHeadBytes; at + chunkHeadBytes <= whole; ) {
    const name = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const end = at + chunkHeadBytes + size;
    if (end > whole) throw broken(`it ends within ${name}`);
    const data = bytes.subarray(at + chunkHeadBytes, end);
    if (at === riffHeadBytes) checkSize(...webpSize(name, data));
    if (name === "ANIM") throw broken("it moves");
    if (name === "VP8 " || name === "VP8L") hasData = true;
    if (webpKept.has(name)) {
      const chunk = Buffer.from(bytes.subarray(at, end + (size % 2)));
      if (name === "VP8X") chunk[chunkHeadBytes] = (chunk[chunkHeadBytes] ?? 0) & ~webpTellingFlags;
      kept.push(chunk);
    }
    at = end + (size % 2);
  }
  if (!hasData) throw broken("it has no data");
  const body = Buffer.concat([Buffer.from("WEBP"), ...kept]);
  const head = Buffer.alloc(chunkHeadBytes);
  head.write("RIFF");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};

const isJpeg = (bytes: Buffer): boolean => bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8;
const isPng = (bytes: Buffer): boolean => bytes.subarray(0, pngHead.length).equals(pngHead);
const isWebp = (bytes: Buffer): boolean =>
  bytes.length > riffHeadBytes &&
  bytes.toString("latin1", 0, 4) === "RIFF" &&
  bytes.toString("latin1", 8, 12) === "WEBP";

/**
 * The photo without its metadata. The direction in which a camera held it is metadata, too: whoever sends one turns it upright first.
 *
 * @throws Fault `photo.type` when it is none of the three, `photo.broken` when it cannot be walked through, `photo.too_large` when it has too many pixels.
 */
export const cleanPhoto = (bytes: Buffer): CleanPhoto => {
  if (isJpeg(bytes)) return { type: "image/jpeg", bytes: cleanJpeg(bytes) };
  if (isPng(bytes)) return { type: "image/png", bytes: cleanPng(bytes) };
  if (isWebp(bytes)) return { type: "image/webp", bytes: cleanWebp(bytes) };
  throw new Fault("photo.type", "");
};
