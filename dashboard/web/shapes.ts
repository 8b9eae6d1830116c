// SVG shapes, brought up to date in place: what did not change is not touched, and what has moved is the same element as before. All text
// goes in as text.

const space = 'http://www.w3.org/2000/svg';

export interface Shape {
  name: 'line' | 'text' | 'rect' | 'circle' | 'polyline';
  /** Of its style; a shape of another class is another element. */
  class: string;
  attributes: Readonly<Record<string, string | number>>;
  text?: string;
  /** What it says when it is pointed at. */
  title?: string;
}

function elementOf(shape: Shape): SVGElement {
  const element = document.createElementNS(space, shape.name);
  element.setAttribute('class', shape.class);
  return element;
}

function fillShape(element: Element, { attributes, text, title }: Shape): void {
  for (const [name, value] of Object.entries(attributes)) {
    const said = typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
    if (element.getAttribute(name) !== said) element.setAttribute(name, said);
  }
  if (text !== undefined && element.textContent !== text) element.textContent = text;
  if (title === undefined) return;
  const words = element.firstElementChild ?? element.appendChild(document.createElementNS(space, 'title'));
  if (words.textContent !== title) words.textContent = title;
}

/** These and no others, in this order. */
export function fillShapes(root: SVGSVGElement, shapes: readonly Shape[]): void {
  for (const [at, shape] of shapes.entries()) {
    const had = root.children[at];
    if (had?.tagName === shape.name && had.getAttribute('class') === shape.class) fillShape(had, shape);
    else {
      const element = elementOf(shape);
      fillShape(element, shape);
      if (had) had.replaceWith(element);
      else root.append(element);
    }
  }
  while (root.children.length > shapes.length) root.lastElementChild!.remove();
}

export interface Size {
  width: number;
  height: number;
}

/** The picture that fills `holder`, a point of it a pixel; made where there is none. `label`: what it shows, for those who do not see it. */
export function pictureIn(holder: HTMLElement, label: string): { root: SVGSVGElement; size: Size } {
  const size = { width: Math.max(200, holder.clientWidth), height: Math.max(90, holder.clientHeight) };
  let root = holder.querySelector('svg');
  if (!root) {
    root = document.createElementNS(space, 'svg');
    root.setAttribute('role', 'img');
    root.setAttribute('aria-label', label);
    holder.replaceChildren(root);
  }
  root.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
  return { root, size };
}

/** What is said in place of a picture. */
export function words(text: string, { width, height }: Size): Shape {
  return { name: 'text', class: 'quiet', attributes: { x: width / 2, y: height / 2, 'text-anchor': 'middle' }, text };
}
