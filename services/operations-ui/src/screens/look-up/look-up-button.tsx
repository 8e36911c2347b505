import { Search } from "lucide-react";
import { openLookUp } from "./opened.ts";

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Opens the look-up, and says by which keys it opens as well. */
export const LookUpButton = () => (
  <button
    type="button"
    onClick={openLookUp}
    aria-keyshortcuts="Control+K Meta+K"
    className="hit inline-flex items-center justify-center gap-2 rounded-md border border-transparent px-3 text-sm text-soft hover:bg-raised md:border-edge md:bg-sunken"
  >
    <Search aria-hidden="true" className="size-5" />
    <span className="max-md:sr-only">Look up or go to</span>
    <kbd className="hidden font-mono text-xs lg:block">{isApple ? "⌘ K" : "Ctrl K"}</kbd>
  </button>
);
