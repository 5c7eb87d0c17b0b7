import { lineStyle, paletteOf } from '@gradstream/charts';
import { useId, useState } from 'react';
import { useWords } from '../../words/words.tsx';
import { columns, family, type Member, type MemberName, neighbour, rows } from './family.ts';

interface FamilyFigureProps {
  /** Those who race, with their place in the palette. */
  readonly racing: ReadonlyMap<string, number>;
  readonly onToggle: (name: string) => void;
}

const members: readonly (Member & { readonly name: MemberName })[] = family;
const centre = ({ column, row }: Member): readonly [number, number] => [(100 * (column + 0.5)) / columns, (100 * (row + 0.5)) / rows];

/** A line from a parent to a child, level at both ends. */
const edge = (parent: Member, child: Member): string => {
  const [[x, y], [toX, toY]] = [centre(parent), centre(child)];
  return `M${x},${y} C${(x + toX) / 2},${y} ${(x + toX) / 2},${toY} ${toX},${toY}`;
};

/** Who took up whose idea: each optimizer is a button that lets it race or takes it out. */
export function FamilyFigure({ racing, onToggle }: FamilyFigureProps) {
  const words = useWords();
  const id = useId();
  const [told, setTold] = useState<MemberName>();
  const palette = paletteOf(document.documentElement);
  const { title, hint, from, of, columns: heads } = words.race.family;
  const parentsOf = ({ from }: Member) => from.join(', ');
  const sentence = (member: Member & { readonly name: MemberName }) => `${member.name} (${member.year})${member.from.length > 0 ? ` ${from(parentsOf(member))}` : ''}: ${of[member.name]}`;
  return (
    <figure className="card family" aria-labelledby={`${id}-title`} aria-describedby={`${id}-told`}>
      <figcaption className="gs-caption"><span className="gs-title" id={`${id}-title`}>{title}</span></figcaption>
      <div
        className="tree" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
        onKeyDown={(event) => {
          const next = told === undefined ? undefined : neighbour(told, event.key);
          if (next === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          document.getElementById(`${id}-${next}`)!.focus();
        }}
      >
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {members.flatMap((child) => child.from.map((name) => (
            <path key={`${name} ${child.name}`} d={edge(members.find((member) => member.name === name)!, child)} vectorEffect="non-scaling-stroke" className={told === child.name || told === name ? 'told' : undefined} />
          )))}
        </svg>
        {members.map((member) => {
          const { name, year, column, row } = member;
          const color = racing.get(name);
          return (
            <button
              key={name} id={`${id}-${name}`} type="button" aria-pressed={color !== undefined} style={{ gridColumn: column + 1, gridRow: row + 1 }}
              onClick={() => onToggle(name)} onFocus={() => setTold(name)} onPointerEnter={() => setTold(name)}
            >
              <span className="swatch" style={{ background: color === undefined ? 'transparent' : lineStyle(palette, color).color }} />
              <span className="name">{name}</span>{' '}
              <span className="year">{year}</span>
            </button>
          );
        })}
      </div>
      <p className="note" id={`${id}-told`} aria-live="polite">{told === undefined ? hint : sentence(members.find(({ name }) => name === told)!)}</p>
      <details>
        <summary>{words.charts.table}</summary>
        <table>
          <thead><tr>{[heads.name, heads.year, heads.from, heads.idea].map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
          <tbody>{members.map((member) => <tr key={member.name}><th scope="row">{member.name}</th><td>{member.year}</td><td>{parentsOf(member)}</td><td>{of[member.name]}</td></tr>)}</tbody>
        </table>
      </details>
    </figure>
  );
}
