import type { Dice } from "./dice.ts";
import { inputBytesMax } from "./target.ts";

/** So many changes at most are made to one input. */
const changesMax = 6;
const repeatsMax = 64;
const pieceBytesMax = 64;
/** Bytes at which parsers change their mind. */
const edgeBytes = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xff] as const;

export type Material = {
  readonly dice: Dice;
  /** What has been found worth keeping; there is one at least. */
  readonly kept: readonly Buffer[];
  readonly pieces: readonly Buffer[];
};

type Change = (bytes: Buffer, material: Material) => Buffer;

const put = (bytes: Buffer, at: number, piece: Uint8Array, instead = 0): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + instead)]);

const someOf = (bytes: Buffer, { dice }: Material): Buffer => {
  const from = dice.below(bytes.length);
  return bytes.subarray(from, from + 1 + dice.below(pieceBytesMax));
};

const flipBit: Change = (bytes, { dice }) => {
  const at = dice.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  return bytes;
};

const setByte: Change = (bytes, { dice }) => {
  bytes[dice.below(bytes.length)] = dice.below(2) === 0 ? dice.below(256) : dice.oneOf(edgeBytes);
  return bytes;
};

const drop: Change = (bytes, { dice }) =>
  put(bytes, dice.below(bytes.length), Buffer.alloc(0), 1 + dice.below(pieceBytesMax));

const insert: Change = (bytes, { dice }) => {
  const noise = Buffer.from(Array.from({ length: 1 + dice.below(8) }, () => dice.below(256)));
  return put(bytes, dice.below(bytes.length + 1), noise);
};

const insertPiece: Change = (bytes, material) => {
  const { dice, pieces } = material;
  const piece = pieces.length > 0 ? dice.oneOf(pieces) : someOf(bytes, material);
  return put(bytes, dice.below(bytes.length + 1), piece, dice.below(2) * piece.length);
};

const splice: Change = (bytes, { dice, kept }) => {
  const other = dice.oneOf(kept);
  return Buffer.concat([
    bytes.subarray(0, dice.below(bytes.length + 1)),
    other.subarray(dice.below(other.length + 1)),
  ]);
};

const repeat: Change = (bytes, material) => {
  const piece = someOf(bytes, material).subarray(0, 1 + material.dice.below(8));
  const times = 1 + material.dice.below(repeatsMax) * (1 + material.dice.below(8));
  return put(bytes, material.dice.below(bytes.length + 1), Buffer.concat(Array(times).fill(piece)));
};

const truncate: Change = (bytes, { dice }) => bytes.subarray(0, dice.below(bytes.length + 1));

/** Writes a number where one may stand: what is left, nearly that, nothing, or as much as fits. */
const lieAboutLength: Change = (bytes, { dice }) => {
  const size = dice.oneOf([1, 2, 4]);
  if (bytes.length < size) return bytes;
  const at = dice.below(bytes.length - size + 1);
  const left = bytes.length - at;
  const most = 2 ** (8 * size) - 1;
  const near = left + dice.below(9) - 4;
  const lie = Math.min(most, Math.max(0, dice.oneOf([0, 1, left, near, 2 * left, most, most >>> 1])));
  if (dice.below(2) === 0) bytes.writeUIntBE(lie, at, size);
  else bytes.writeUIntLE(lie, at, size);
  return bytes;
};

const changes = [
  flipBit,
  setByte,
  drop,
  insert,
  insertPiece,
  splice,
  repeat,
  truncate,
  lieAboutLength,
] as const;

/** What was found last is nearest to what was not found yet. */
const newest = 8;

/** Another input, made of one that was kept. */
export const mutate = (material: Material): Buffer => {
  const { dice, kept } = material;
  let bytes: Buffer = Buffer.from(dice.oneOf(dice.below(2) === 0 ? kept : kept.slice(-newest)));
  for (let left = 1 + dice.below(changesMax); left > 0; left -= 1) {
    bytes = dice.oneOf(changes)(bytes, material);
    bytes = Buffer.from(bytes.subarray(0, inputBytesMax));
  }
  return bytes;
};
