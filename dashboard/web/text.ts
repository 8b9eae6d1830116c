// Text in an element, brought up to date in place: what is drawn twice a second leaves no nodes behind that somebody has to collect.

/** The element's only content from now on. Nothing is touched where it is that already. */
export function setText(element: Element, text: string): void {
  const { firstChild } = element;
  if (firstChild?.nodeType === Node.TEXT_NODE && firstChild === element.lastChild) {
    if ((firstChild as Text).data !== text) (firstChild as Text).data = text;
  } else if (text !== '' || firstChild) element.textContent = text;
}
