/** The browser has begun to read a file long before, in ms. */
const keptForMs = 60_000;

/** Saves a text as a file where the browser keeps what it downloads. */
export const saveFile = ({ name, type, text }: { name: string; type: string; text: string }): void => {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), keptForMs);
};
