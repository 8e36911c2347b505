/** What the server or the form has against it, said at once. */
export const WrongSaid = ({ wrong, className = "" }: { wrong: string | undefined; className?: string }) =>
  wrong === undefined ? null : (
    <p role="alert" className={`text-sm font-semibold break-words text-missing ${className}`}>
      {wrong}
    </p>
  );
