import { createContext, useContext } from 'react';
import type { View } from '../view/view.model.ts';
import { en, type Words } from './en.ts';
import { ko } from './ko.ts';

const catalogues: Readonly<Record<'en' | 'ko', Words>> = { en, ko };

/** The catalogue of a chosen language; `auto` is the first of the browser's that there is a catalogue for, else English. */
export function wordsOf(language: View['language'], browser: readonly string[]): Words {
  if (language !== 'auto') return catalogues[language];
  const known = browser.map((tag) => tag.slice(0, 2)).find((tag): tag is 'en' | 'ko' => tag in catalogues);
  return catalogues[known ?? 'en'];
}

export const WordsContext = createContext<Words>(en);
export const useWords = (): Words => useContext(WordsContext);
