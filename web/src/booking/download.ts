/** Hands a file to the browser. */
export function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click returned.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
