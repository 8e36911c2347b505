import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import wasmAddress from "zxing-wasm/reader/zxing_reader.wasm?url";

/*
 * Reads codes in pictures, in a worker of its own: the page stays smooth, and only this script may run WebAssembly. The module comes from
 * ourselves; left alone it would fetch it from elsewhere.
 */
prepareZXingModule({ overrides: { locateFile: () => wasmAddress } });

/** What labels and shelves have. Every further one makes each picture slower and a wrong reading likelier. */
const formats = ["QRCode", "DataMatrix", "Code128", "Code39", "EAN13", "ITF"] as const;
/** Codes that are told of one picture. */
const codesMax = 16;

type Worker = {
  onmessage: ((event: MessageEvent<ImageBitmap>) => void) | null;
  postMessage(said: PictureRead): void;
};
/** What was read in a picture, or that nothing can be read at all. */
export type PictureRead = { readonly texts: readonly string[] } | { readonly wrong: string };

const worker = self as unknown as Worker;
let canvas: OffscreenCanvas | undefined;

const pixelsOf = (picture: ImageBitmap): ImageData => {
  const { width, height } = picture;
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser draws no pictures here");
  context.drawImage(picture, 0, 0);
  picture.close();
  return context.getImageData(0, 0, width, height);
};

worker.onmessage = async ({ data }) => {
  try {
    const found = await readBarcodes(pixelsOf(data), {
      ...{ formats: [...formats], maxNumberOfSymbols: codesMax },
      ...{ tryHarder: true, tryRotate: true, tryInvert: false, tryDownscale: true },
    });
    worker.postMessage({ texts: found.filter(({ isValid }) => isValid).map(({ text }) => text) });
  } catch (error) {
    worker.postMessage({ wrong: error instanceof Error ? error.message : String(error) });
  }
};
