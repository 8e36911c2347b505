import { type Burst, noBurst, pastedTags, wedgeStep } from "./wedge.ts";

type Field = HTMLInputElement | HTMLTextAreaElement;

const textFields = new Set(["text", "search", "password", "url", "email", "tel", "number"]);

const focusedField = (): Field | undefined => {
  const element = document.activeElement;
  if (element instanceof HTMLTextAreaElement) return element;
  return element instanceof HTMLInputElement && textFields.has(element.type) ? element : undefined;
};

/* React listens to the native setter's shadow, so a value is put back the way a keyboard would have left it. */
const putBack = (field: Field, value: string): void => {
  const prototype =
    field instanceof HTMLTextAreaElement ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, "value")?.set?.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

/**
 * Hears keyboard-wedge scanners wherever the focus is, and pasted lists of tags. `onTags` gets them as they were read.
 * Returns what stops it.
 */
export const listenForScans = (onTags: (tags: readonly string[]) => void): (() => void) => {
  let burst: Burst = noBurst;
  let before: { field: Field; value: string } | undefined;

  const onKey = (event: KeyboardEvent): void => {
    const step = wedgeStep(burst, {
      key: event.key,
      atMs: event.timeStamp,
      foreign: event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing,
    });
    burst = step.burst;
    if (step.begins) {
      const field = focusedField();
      before = field && { field, value: field.value };
    }
    if (step.swallow) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (step.scanned === undefined) return;
    if (before?.field.isConnected) putBack(before.field, before.value);
    before = undefined;
    onTags([step.scanned]);
  };

  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const tags = pastedTags(text);
    const field = focusedField();
    const isScanField = field?.dataset.scan !== undefined;
    if (tags.length === 0 || (field !== undefined && !(isScanField && tags.length > 1))) return;
    event.preventDefault();
    onTags(tags);
  };

  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("paste", onPaste, { capture: true });
  return () => {
    document.removeEventListener("keydown", onKey, { capture: true });
    document.removeEventListener("paste", onPaste, { capture: true });
  };
};
