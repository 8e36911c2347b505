import { Cable, Camera } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Button } from "../look/button.tsx";
import { PartFault } from "../screens/entry/page-fault.tsx";
import { fetchPart } from "../screens/late-part.ts";
import { hasCamera, hasSerial } from "./sources.ts";

const SerialPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./serial/serial-panel.tsx"))).SerialPanel,
}));
const CameraPanel = lazy(async () => ({
  default: (await fetchPart(() => import("./camera/camera-panel.tsx"))).CameraPanel,
}));

type Source = "reader" | "camera";

/** Other ways to scan than a scanner that types; each is loaded when somebody opens it, and not shown where the browser has none. */
export const Sources = () => {
  const [opened, setOpened] = useState<Source>();
  const doors = [
    { source: "camera", word: "Camera", icon: Camera, isThere: hasCamera() },
    { source: "reader", word: "Reader on a cable", icon: Cable, isThere: hasSerial() },
  ] as const;
  const there = doors.filter(({ isThere }) => isThere);
  if (there.length === 0) return null;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {there.map(({ source, word, icon: Icon }) => (
          <Button
            key={source}
            className="hit-large grow"
            aria-expanded={opened === source}
            onClick={() => setOpened(opened === source ? undefined : source)}
          >
            <Icon aria-hidden="true" className="size-5" />
            {word}
          </Button>
        ))}
      </div>
      {opened !== undefined && (
        <PartFault key={opened}>
          <Suspense fallback={<p className="text-sm text-soft">One moment…</p>}>
            {opened === "camera" ? <CameraPanel /> : <SerialPanel />}
          </Suspense>
        </PartFault>
      )}
    </div>
  );
};
