// Room for the words of markers beside each other. Pure.

/** Which of them get words: from the right, as the latest matters most, so that none lies over another. Pure. */
export function labelled(places: readonly { x: number; width: number }[], left: number): boolean[] {
  const taken = places.map(() => false);
  let free = Number.POSITIVE_INFINITY;
  for (let at = places.length - 1; at >= 0; at--) {
    const { x, width } = places[at]!;
    if (x < left || x + width > free) continue;
    taken[at] = true;
    free = x;
  }
  return taken;
}
