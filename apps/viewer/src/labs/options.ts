/** A number of an address within its bounds, both included; undefined for anything else. */
export const numberIn = (text: string | undefined, least: number, greatest: number): number | undefined => {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && value >= least && value <= greatest ? value : undefined;
};

/** One of some words; the first where it is none of them. */
export const wordIn = <Word extends string>(text: string | undefined, words: readonly Word[]): Word => words.find((word) => word === text) ?? words[0];
