import type { LucideIcon } from "lucide-react";
import { memo } from "react";
import { groupOf, isStatus, statusWords } from "../words/statuses.ts";
import { type Tone, toneWash } from "./tone.ts";

type Props = { icon: LucideIcon; word: string; tone: Tone; large?: boolean };

/** A state in sign, word and colour. */
export const Badge = ({ icon: Icon, word, tone, large = false }: Props) => (
  <span
    className={`inline-flex shrink-0 items-center gap-1.5 whitespace-nowrap rounded-sm font-semibold ${large ? "px-3 py-1.5 text-base" : "px-2 py-1 text-xs"} ${toneWash[tone]}`}
  >
    <Icon aria-hidden="true" className={large ? "size-5" : "size-4"} />
    {word}
  </span>
);

export const StatusBadge = memo(({ status, large = false }: { status: string; large?: boolean }) => {
  if (!isStatus(status)) return <span className="text-sm">{status}</span>;
  const { icon, word } = statusWords[status];
  return <Badge icon={icon} word={word} tone={groupOf[status]} large={large} />;
});
