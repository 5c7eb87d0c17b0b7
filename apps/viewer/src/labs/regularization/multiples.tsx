import type { Palette } from '@gradstream/charts';
import type { ReactNode } from 'react';

export const columns = 4;
export const panel = { width: 250, height: 128, left: 34, right: 8, top: 20, bottom: 20 } as const;

/** Small multiples in one drawing: a panel for each arm, all on the same axes. */
export function Multiples({ names, label, palette, children }: { readonly names: readonly string[]; readonly label: string; readonly palette: Palette; readonly children: (index: number) => ReactNode }) {
  const rows = Math.ceil(names.length / columns);
  return (
    <svg viewBox={`0 0 ${columns * panel.width} ${Math.max(1, rows) * panel.height}`} role="img" aria-label={label}>
      {names.map((name, i) => (
        <g key={name} transform={`translate(${(i % columns) * panel.width} ${Math.floor(i / columns) * panel.height})`}>
          <text x={panel.left} y={13} fontSize={10} fontWeight={600} fill={palette.text}>{name}</text>
          {children(i)}
        </g>
      ))}
    </svg>
  );
}
