import { type ReactNode, useId } from "react";
import { type Freshness, isDoubtful } from "../live/freshness.ts";
import { AsOf } from "./as-of.tsx";

type Props = {
  title: string;
  /** How present the figures in it are; shown beside the title, and the figures are dimmed when they may be old. */
  fresh?: Freshness;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
};

/** A titled region of the page. */
export const Panel = ({ title, fresh, aside, className = "", children }: Props) => {
  const id = useId();
  const doubtful = fresh !== undefined && isDoubtful(fresh);
  return (
    <section aria-labelledby={id} className={`panel contained flex min-w-0 flex-col ${className}`}>
      <header className="flex min-h-14 flex-wrap items-center gap-x-3 px-4 py-2 sm:px-5">
        <h2 id={id} className="text-base font-semibold tracking-tight">
          {title}
        </h2>
        {fresh && <AsOf fresh={fresh} />}
        <div className="ml-auto flex items-center gap-2">{aside}</div>
      </header>
      <div className={`flex min-h-0 min-w-0 grow flex-col ${doubtful ? "doubtful" : ""}`}>{children}</div>
    </section>
  );
};

/** What stands where figures will be. */
export const Waiting = ({ children }: { children: ReactNode }) => (
  <p className="grid grow place-items-center px-5 py-8 text-center text-sm text-soft">{children}</p>
);
