import { useEffect, useRef, useState } from "react";
import { countOf } from "../../words/time.ts";
import { watchCamera } from "./camera.ts";

/** What the camera sees. Codes held before it are scans, as those of a scanner are. */
export const CameraPanel = () => {
  const video = useRef<HTMLVideoElement>(null);
  const [codes, setCodes] = useState(0);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    if (video.current === null) return;
    const leave = new AbortController();
    void watchCamera({
      video: video.current,
      onCodes: (read) => setCodes((before) => before + read.length),
      onWrong: setWrong,
      signal: leave.signal,
    });
    return () => leave.abort();
  }, []);
  return (
    <section aria-label="Camera" className="grid gap-2 rounded-md bg-sunken p-3">
      {/* It is shown for whoever holds the label; what it sees is said as scans are. */}
      <video
        ref={video}
        muted
        playsInline
        aria-label="What the camera sees"
        className="max-h-64 w-full rounded-sm object-cover"
      />
      {wrong === undefined ? (
        <p className="text-sm text-soft">
          Hold a QR code or barcode before the camera. {countOf(codes, "code")} read so far.
        </p>
      ) : (
        <p role="alert" className="text-sm font-semibold text-missing">
          {wrong}
        </p>
      )}
    </section>
  );
};
