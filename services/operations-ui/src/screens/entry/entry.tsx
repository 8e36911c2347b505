import type { ReactNode } from "react";
import mark from "../../look/mark.svg";

type Props = { title: string; note?: ReactNode; children?: ReactNode };

/** The door: one calm card in the middle of the page. */
export const Entry = ({ title, note, children }: Props) => (
  <main className="grid min-h-dvh place-items-center px-4 py-10">
    <div className="panel w-full max-w-md p-6 sm:p-10">
      <img src={mark} alt="" className="mb-8 size-11" />
      <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
      {note && (
        <p className="mt-2 text-base text-soft" role="status">
          {note}
        </p>
      )}
      {children}
    </div>
  </main>
);
