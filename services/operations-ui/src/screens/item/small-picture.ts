/** The longer side of a photo that is sent, in pixels: damage is seen on it, and a slow line carries it. */
const sideMax = 1_600;
const qualities = [0.8, 0.6, 0.4];
/** What the record takes of one photo, in bytes; it is written out since it stands beside schemas there. */
export const pictureBytesMax = 700_000;

/** Turned upright, made small, and without what the camera wrote into it. Undefined for a file that is no picture. */
export const smallPicture = async (file: Blob): Promise<Blob | undefined> => {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const scale = Math.min(1, sideMax / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of qualities) {
    const made = await new Promise<Blob | null>((resolve) => {
      canvas.toBlob(resolve, "image/jpeg", quality);
    });
    if (made !== null && made.size <= pictureBytesMax) return made;
  }
  return undefined;
};
