import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

const shownMs = 1_500;

/** A value to copy, shown in full or shortened. */
export const CopyText = ({ value, label, short }: { value: string; label: string; short?: string }) => {
  const [copied, setCopied] = useState(false);
  // Where the browser forbids writing to its clipboard the value is still in the title, to be copied by hand.
  const copy = () =>
    navigator.clipboard?.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), shownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      title={value}
      className="-my-2 inline-flex min-h-12 max-w-full items-center gap-1.5 rounded-sm px-1.5 text-left font-mono text-xs text-soft hover:text-ink hover:underline"
      onClick={() => void copy()}
    >
      <span className="sr-only">Copy {label}</span>
      <span className="truncate">{short ?? value}</span>
      <Icon aria-hidden="true" className="size-3.5 shrink-0" />
      <span className="sr-only" aria-live="polite">
        {copied ? "copied" : ""}
      </span>
    </button>
  );
};
