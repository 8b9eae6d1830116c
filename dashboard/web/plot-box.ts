// The frame around a plot: its title, its unit, and the button that gives its data away.

/** What holds a plot, added to the page; `onDownload`: its data can be had. */
export function plotBox(title: string, unit: string, onDownload: (() => void) | null): HTMLElement {
  const box = document.createElement('div');
  box.className = 'plot';
  const head = document.createElement('h3');
  const small = document.createElement('small');
  small.textContent = unit;
  small.title = unit;
  head.append(title, small);
  if (onDownload) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'CSV';
    button.title = "this run's samples as CSV";
    button.setAttribute('aria-label', `CSV: ${title}`);
    button.addEventListener('click', onDownload);
    head.append(button);
  }
  const holder = document.createElement('div');
  holder.className = 'holder';
  box.append(head, holder);
  document.getElementById('plots')!.append(box);
  return holder;
}
