// Text inside SVG.

export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
