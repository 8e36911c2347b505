import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

const width = 640;
const height = 480;
/** Pixels of a module of the code, and where it stands in the picture. */
const modulePx = 8;
const paper = 235;
const ink = 16;
const colourless = 128;

/** A film of one picture, over and over: a QR code of this text on white paper, as Chromium shows it for a camera. */
export const filmOf = async (text: string, file: string): Promise<void> => {
  const wasm = await readFile(fileURLToPath(import.meta.resolve("zxing-wasm/writer/zxing_writer.wasm")));
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } });
  const { symbol, error } = await writeBarcode(text, { format: "QRCode" });
  if (error !== "") throw new Error(error);
  const luma = Buffer.alloc(width * height, paper);
  const left = Math.round((width - symbol.width * modulePx) / 2);
  const top = Math.round((height - symbol.height * modulePx) / 2);
  for (let y = 0; y < symbol.height * modulePx; y += 1)
    for (let x = 0; x < symbol.width * modulePx; x += 1) {
      const module = Math.floor(y / modulePx) * symbol.width + Math.floor(x / modulePx);
      luma[(top + y) * width + left + x] = symbol.data[module] === 0 ? ink : paper;
    }
  const colours = Buffer.alloc((width * height) / 2, colourless);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`);
  await writeFile(file, Buffer.concat([head, luma, colours]));
};
