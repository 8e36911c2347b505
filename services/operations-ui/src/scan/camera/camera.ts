import { told } from "../hearing.ts";
import type { PictureRead } from "./code-reader.ts";
import { createSightings } from "./sightings.ts";

/** A picture is read so soon after the one before, in ms: a hand moves a label about as fast. */
const pictureEveryMs = 100;
/** Wider pictures bring no more codes, and cost more. */
const pictureWidthPxMax = 1_280;

type Watching = {
  readonly video: HTMLVideoElement;
  /** Codes were told. */
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onWrong: (why: string) => void;
  readonly signal: AbortSignal;
};

/** What a browser says when it gives no camera, in words. */
const whyNot = (error: unknown): string => {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError")
    return "This page may not use the camera: allow it in the browser's settings.";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "This device has no camera.";
  if (name === "NotReadableError") return "Another program has the camera.";
  return "The camera cannot be used.";
};

const pictureOf = (video: HTMLVideoElement): Promise<ImageBitmap> => {
  const { videoWidth: width } = video;
  return width > pictureWidthPxMax
    ? createImageBitmap(video, { resizeWidth: pictureWidthPxMax })
    : createImageBitmap(video);
};

/** Reads one picture after the other: the next is taken once the one before is read, so a slow tablet reads fewer and holds none. */
const readPictures = ({ video, onCodes, onWrong, signal }: Watching): void => {
  const sightings = createSightings();
  const reader = new Worker(new URL("./code-reader.ts", import.meta.url), { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const next = async (): Promise<void> => {
    if (signal.aborted) return;
    try {
      if (document.visibilityState === "hidden" || video.readyState < video.HAVE_CURRENT_DATA)
        throw new Error("no picture yet");
      const picture = await pictureOf(video);
      reader.postMessage(picture, [picture]);
    } catch {
      later();
    }
  };
  const later = (): void => {
    timer = setTimeout(() => void next(), pictureEveryMs);
  };
  reader.onmessage = ({ data }: MessageEvent<PictureRead>) => {
    if ("wrong" in data) return onWrong(`Codes cannot be read here: ${data.wrong}`);
    const codes = sightings.see(data.texts, performance.now());
    if (codes.length > 0) {
      told.tags(codes);
      onCodes(codes);
    }
    later();
  };
  reader.onerror = () =>
    onWrong("What reads codes could not be loaded. Open the camera again once there is a network.");
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    reader.terminate();
  });
  void next();
};

/** Shows the camera and makes scans of the codes in its pictures, until the signal. Nothing of a picture is kept or sent. */
export const watchCamera = async (watching: Watching): Promise<void> => {
  const { video, signal, onWrong } = watching;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: "environment" }, width: { ideal: pictureWidthPxMax } },
    });
    const stop = (): void => {
      for (const track of stream.getTracks()) track.stop();
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop);
    for (const track of stream.getTracks())
      track.addEventListener("ended", () => onWrong("The camera was taken away."));
    video.srcObject = stream;
    await video.play();
    readPictures(watching);
  } catch (error) {
    if (!signal.aborted) onWrong(whyNot(error));
  }
};
