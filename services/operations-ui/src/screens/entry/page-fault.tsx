import { OctagonX } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Button } from "../../look/button.tsx";
import { Entry } from "./entry.tsx";

type Props = { children: ReactNode };
type State = { readonly error: unknown };

/* React has no other way to catch what goes wrong while a page is drawn. */
class Boundary extends Component<Props & { fallback: (error: unknown) => ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error("unknown") };
  }

  override render(): ReactNode {
    const { children, fallback } = this.props;
    return this.state.error === undefined ? children : fallback(this.state.error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const Reload = () => (
  <Button kind="primary" className="hit-large" onClick={() => location.reload()}>
    Load the page again
  </Button>
);

/** What is shown instead of an empty page. */
export const PageFault = ({ children }: Props) => (
  <Boundary
    fallback={(error) => (
      <Entry title="This page cannot be shown" note="Scans are not heard until it is loaded again.">
        <p className="my-6 font-mono text-sm break-words">{messageOf(error)}</p>
        <Reload />
      </Entry>
    )}
  >
    {children}
  </Boundary>
);

/** What is shown instead of one part of the page; the rest of it, the scan station too, goes on. */
export const PartFault = ({ children }: Props) => (
  <Boundary
    fallback={(error) => (
      <div role="alert" className="grid justify-items-start gap-3 p-6">
        <p className="flex items-center gap-2 text-lg font-semibold text-missing">
          <OctagonX aria-hidden="true" className="size-6 shrink-0" />
          This part of the page cannot be shown
        </p>
        <p className="text-sm break-words">{messageOf(error)}</p>
        <Reload />
      </div>
    )}
  >
    {children}
  </Boundary>
);
