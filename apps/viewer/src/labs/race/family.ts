/** An optimizer in the family tree: the year of its paper, whose ideas it took up, and where it is drawn. */
export interface Member {
  readonly name: string;
  readonly year: number;
  readonly from: readonly string[];
  readonly column: number;
  readonly row: number;
}

/** Who took up whose idea, as the papers tell it (docs/optimizers.md names them); parents stand to the left. */
export const family = [
  { name: 'sgd', year: 1951, from: [], column: 0, row: 2 },
  { name: 'momentum', year: 1964, from: ['sgd'], column: 1, row: 1 },
  { name: 'adagrad', year: 2011, from: ['sgd'], column: 1, row: 4 },
  { name: 'nesterov', year: 1983, from: ['momentum'], column: 2, row: 0 },
  { name: 'signum', year: 2018, from: ['momentum'], column: 2, row: 1 },
  { name: 'rmsprop', year: 2012, from: ['adagrad'], column: 2, row: 4 },
  { name: 'adadelta', year: 2012, from: ['adagrad'], column: 2, row: 5 },
  { name: 'lion', year: 2023, from: ['signum'], column: 3, row: 1 },
  { name: 'adam', year: 2015, from: ['momentum', 'rmsprop'], column: 3, row: 3 },
  { name: 'nadam', year: 2016, from: ['nesterov', 'adam'], column: 4, row: 0 },
  { name: 'adamw', year: 2019, from: ['adam'], column: 4, row: 1 },
  { name: 'amsgrad', year: 2018, from: ['adam'], column: 4, row: 2 },
  { name: 'adamax', year: 2015, from: ['adam'], column: 4, row: 3 },
  { name: 'adabelief', year: 2020, from: ['adam'], column: 4, row: 4 },
] as const satisfies readonly Member[];

export type MemberName = (typeof family)[number]['name'];

export const columns = 1 + Math.max(...family.map(({ column }) => column));
export const rows = 1 + Math.max(...family.map(({ row }) => row));

/** Where an arrow key leads from a member: to a parent, to a child, or up and down among its generation; undefined where nobody stands. */
export function neighbour(name: MemberName, key: string): MemberName | undefined {
  const members: readonly (Member & { readonly name: MemberName })[] = family;
  const { from, column, row } = members.find((member) => member.name === name)!;
  const nearest = (candidates: typeof members) => [...candidates].sort((a, b) => Math.abs(a.row - row) - Math.abs(b.row - row))[0]?.name;
  switch (key) {
    case 'ArrowLeft': return nearest(members.filter((member) => from.includes(member.name)));
    case 'ArrowRight': return nearest(members.filter((member) => member.from.includes(name)));
    case 'ArrowUp': return nearest(members.filter((member) => member.column === column && member.row < row));
    case 'ArrowDown': return nearest(members.filter((member) => member.column === column && member.row > row));
    default: return undefined;
  }
}
