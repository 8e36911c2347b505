import { Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { cleanPhoto } from "./clean-photo.ts";

const secret = "GPS 41.88 -87.63";
const segment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
};
const frame = (width: number, height: number): Buffer => {
  const body = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  body.writeUInt16BE(height, 1);
  body.writeUInt16BE(width, 3);
  return segment(0xc0, body);
};
const start = Buffer.from([0xff, 0xd8]);
const data = Buffer.concat([
  segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
  Buffer.from([1, 2, 0xff, 0, 3]),
]);
const end = Buffer.from([0xff, 0xd9]);
const jfif = segment(0xe0, Buffer.from("JFIF\0"));
const jpeg = (...parts: Buffer[]) => Buffer.concat([start, ...parts]);

const chunk = (name: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length);
  head.write(name, 4);
  return Buffer.concat([head, body, Buffer.alloc(4)]);
};
const pngHead = Buffer.from("89504e470d0a1a0a", "hex");
const ihdr = (width: number, height: number): Buffer => {
  const body = Buffer.alloc(13);
  body.writeUInt32BE(width);
  body.writeUInt32BE(height, 4);
  return chunk("IHDR", body);
};
const riff = (...chunks: Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.from("WEBP"), ...chunks]);
  const head = Buffer.from("RIFF\0\0\0\0");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};
const part = (name: string, body: Buffer): Buffer => {
  const head = Buffer.from(`${name}\0\0\0\0`);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};
const vp8x = (flags: number) => part("VP8X", Buffer.from([flags, 0, 0, 0, 9, 0, 0, 9, 0, 0]));
const vp8 = part("VP8 ", Buffer.from([0, 0, 0, 0x9d, 1, 0x2a, 10, 0, 10, 0, 7]));

const codeOf = (bytes: Buffer): string => {
  try {
    cleanPhoto(bytes);
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
  return "taken";
};

test.each([
  {
    ...{ what: "JPEG", type: "image/jpeg" },
    told: jpeg(
      jfif,
      segment(0xe1, Buffer.from(`Exif\0\0${secret}`)),
      segment(0xfe, Buffer.from(secret)),
      frame(4, 4),
      data,
      end,
      Buffer.from(secret),
    ),
    plain: jpeg(jfif, frame(4, 4), data, end),
  },
  {
    ...{ what: "PNG", type: "image/png" },
    told: Buffer.concat([
      pngHead,
      ihdr(4, 4),
      chunk("eXIf", Buffer.from(secret)),
      chunk("tEXt", Buffer.from(secret)),
      chunk("IDAT", Buffer.from([1])),
      chunk("IEND", Buffer.alloc(0)),
      Buffer.from(secret),
    ]),
    plain: Buffer.concat([
      pngHead,
      ihdr(4, 4),
      chunk("IDAT", Buffer.from([1])),
      chunk("IEND", Buffer.alloc(0)),
    ]),
  },
  {
    ...{ what: "WebP", type: "image/webp" },
    told: Buffer.concat([
      riff(vp8x(0x0c), vp8, part("EXIF", Buffer.from(secret)), part("XMP ", Buffer.from(secret))),
      Buffer.from(secret),
    ]),
    plain: riff(vp8x(0), vp8),
  },
])("of a $what stays what is painted, and nothing of what it tells besides", ({ type, told, plain }) => {
  expect(told.includes(secret)).toBe(true);
  expect(cleanPhoto(told)).toEqual({ type, bytes: plain });
  expect(cleanPhoto(plain)).toEqual({ type, bytes: plain });
});

test.each([
  { what: "text", bytes: Buffer.from("<svg xmlns='…'>"), code: "photo.type" },
  { what: "a GIF", bytes: Buffer.from("GIF89a0000000000"), code: "photo.type" },
  { what: "nothing", bytes: Buffer.alloc(0), code: "photo.type" },
  { what: "a JPEG without an end", bytes: jpeg(frame(4, 4), data), code: "photo.broken" },
  { what: "a JPEG that is cut in its head", bytes: jpeg(frame(4, 4)).subarray(0, 9), code: "photo.broken" },
  { what: "a JPEG without a frame", bytes: jpeg(data, end), code: "photo.broken" },
  { what: "a JPEG of no size", bytes: jpeg(frame(0, 4), data, end), code: "photo.broken" },
  { what: "a JPEG too wide", bytes: jpeg(frame(60_000, 60_000), data, end), code: "photo.too_large" },
  {
    what: "a PNG without data",
    bytes: Buffer.concat([pngHead, ihdr(4, 4), chunk("IEND", end)]),
    code: "photo.broken",
  },
  { what: "a PNG too large", bytes: Buffer.concat([pngHead, ihdr(1e5, 1e5)]), code: "photo.too_large" },
  { what: "a WebP that moves", bytes: riff(vp8x(2), part("ANIM", end)), code: "photo.broken" },
  { what: "a WebP cut short", bytes: riff(vp8x(0), vp8).subarray(0, 40), code: "photo.broken" },
])("$what is refused", ({ bytes, code }) => {
  expect(codeOf(bytes)).toBe(code);
});

test("however a picture is cut, it is taken or refused, and never read beyond its end", () => {
  const whole = [jpeg(jfif, frame(4, 4), data, end), riff(vp8x(0x0c), vp8, part("EXIF", end))];
  for (const bytes of whole)
    for (let length = 0; length <= bytes.length; length += 1)
      expect(codeOf(bytes.subarray(0, length))).toMatch(/^(taken|photo\.(type|broken))$/);
});
