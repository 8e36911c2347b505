import { type ComponentProps, type ReactNode, useId } from "react";

const boxClass =
  "hit w-full min-w-0 rounded-md border border-edge bg-panel px-3 text-base text-ink placeholder:text-soft aria-invalid:border-missing aria-invalid:border-2";

type Labelled = { label: string; hint?: ReactNode; error?: string | undefined; hideLabel?: boolean };

const Frame = ({
  id,
  label,
  hint,
  error,
  hideLabel,
  children,
}: Labelled & { id: string; children: ReactNode }) => (
  <div className="grid min-w-0 gap-1">
    <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-semibold"}>
      {label}
    </label>
    {children}
    {error ? (
      <p id={`${id}-note`} className="text-sm font-semibold text-missing">
        {error}
      </p>
    ) : hint ? (
      <p id={`${id}-note`} className="text-sm text-soft">
        {hint}
      </p>
    ) : null}
  </div>
);

export const TextField = ({
  label,
  hint,
  error,
  hideLabel,
  className = "",
  ...rest
}: Labelled & ComponentProps<"input">) => {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      <input
        id={id}
        type="text"
        autoComplete="off"
        spellCheck={false}
        className={`${boxClass} ${className}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        {...rest}
      />
    </Frame>
  );
};

export const SelectField = ({
  label,
  hint,
  error,
  hideLabel,
  className = "",
  ...rest
}: Labelled & ComponentProps<"select">) => {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false}>
      <select
        id={id}
        className={`${boxClass} ${className}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={hint || error ? `${id}-note` : undefined}
        {...rest}
      />
    </Frame>
  );
};
