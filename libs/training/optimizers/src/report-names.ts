import type { Placed } from './place.ts';
import type { Elementwise } from './transformation.ts';

/** What hyper-parameters are called outside, by `<path>/<name>`: by their own name, or by the whole where another link has taken that. */
export function reportNames(links: readonly Placed<Pick<Elementwise, 'hyper'>>[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const { path, link } of links) {
    for (const name of Object.keys(link.hyper)) {
      const reported = taken.has(name) ? `${path}/${name}` : name;
      taken.add(reported);
      names.set(`${path}/${name}`, reported);
    }
  }
  return names;
}
