/** Which columns of a ledger add up to which, and whose do not: those that have to be looked into. */
export const Sums = ({ text, open }: { text: string; open: readonly string[] }) => (
  <>
    <p className="px-4 pb-3 text-sm text-soft sm:px-5">{text}</p>
    {open.length > 0 && (
      <p role="alert" className="px-4 pb-3 text-sm font-semibold text-missing sm:px-5">
        It does not add up for {open.join(", ")}. The next audit makes a finding of it, with what is known.
      </p>
    )}
  </>
);
