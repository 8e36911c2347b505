import type { ComponentProps, ReactNode } from "react";

type Kind = "primary" | "quiet" | "outline";

const kinds: Record<Kind, string> = {
  primary: "bg-primary text-on-primary border-transparent hover:opacity-88",
  outline: "bg-panel text-ink border-edge hover:bg-raised",
  quiet: "bg-transparent text-ink border-transparent hover:bg-raised",
};

/** How a control looks that does something at once. Also lent to links and menu triggers. */
export const buttonClass = (kind: Kind = "outline"): string =>
  `hit inline-flex items-center justify-center gap-2 rounded-md border px-4 text-sm font-semibold transition-colors disabled:opacity-55 disabled:cursor-not-allowed ${kinds[kind]}`;

type Props = Omit<ComponentProps<"button">, "className"> & {
  kind?: Kind;
  className?: string;
  children: ReactNode;
};

export const Button = ({ kind = "outline", className = "", type = "button", ...rest }: Props) => (
  <button type={type} className={`${buttonClass(kind)} ${className}`} {...rest} />
);
