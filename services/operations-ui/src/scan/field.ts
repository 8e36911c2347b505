/** Where letters can go. */
export type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const textTypes = new Set(["text", "search", "password", "url", "email", "tel", "number"]);

export const focusedField = (): Field | undefined => {
  const element = document.activeElement;
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return element;
  return element instanceof HTMLInputElement && textTypes.has(element.type) ? element : undefined;
};

/** Does a letter mean something where the focus is? In a field it is typed; a choice and a menu look for it. */
export const isTypingPlace = (): boolean =>
  focusedField() !== undefined || document.activeElement?.closest('[role="menu"]') != null;

/** What a field held, and where the next letter would have gone. */
export type Held = { readonly value: string; readonly start: number; readonly end: number };

/** What a field holds once `text` was typed into it letter by letter; it takes no more than `lengthMax`. */
export const typedInto = ({ value, start, end }: Held, text: string, lengthMax: number): string => {
  const kept = value.slice(0, start) + value.slice(end);
  const room = lengthMax < 0 ? text.length : Math.max(0, lengthMax - kept.length);
  return value.slice(0, start) + text.slice(0, room) + value.slice(end);
};

const prototypeOf = (field: Field): object => {
  if (field instanceof HTMLTextAreaElement) return HTMLTextAreaElement.prototype;
  return field instanceof HTMLSelectElement ? HTMLSelectElement.prototype : HTMLInputElement.prototype;
};

/** What the focused field holds before a scan may be typed into it. */
export const rememberField = (): { takeOut(text: string): void } | undefined => {
  const field = focusedField();
  if (field === undefined) return undefined;
  const { value } = field;
  const isChoice = field instanceof HTMLSelectElement;
  const start = isChoice ? 0 : (field.selectionStart ?? value.length);
  const end = isChoice ? 0 : (field.selectionEnd ?? value.length);
  return {
    /**
     * Puts the field back to what it held, when nothing but `text` was typed since: of what else was done to it nothing may
     * be lost.
     */
    takeOut: (text) => {
      if (!field.isConnected || field.value === value) return;
      const isUntouched = isChoice || field.value === typedInto({ value, start, end }, text, field.maxLength);
      if (!isUntouched) return;
      // React listens to the native setter's shadow, so a value is put back the way a keyboard would have left it.
      Object.getOwnPropertyDescriptor(prototypeOf(field), "value")?.set?.call(field, value);
      field.dispatchEvent(new Event(isChoice ? "change" : "input", { bubbles: true }));
      if (!isChoice && field.selectionStart !== null) field.setSelectionRange(start, end);
    },
  };
};
