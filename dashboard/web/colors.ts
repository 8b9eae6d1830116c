// The page's colours are custom properties of its style sheet, light and dark; a canvas has to ask for them.

/** Of a custom property, as it is now. */
export function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
