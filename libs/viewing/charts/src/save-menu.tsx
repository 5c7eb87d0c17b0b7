import { useId, useRef } from 'react';

const mediaTypes = { csv: 'text/csv', json: 'application/json', svg: 'image/svg+xml', png: 'image/png' } as const;
type Format = keyof typeof mediaTypes;

/** What a figure can be saved as: a text, or a picture. */
export type Files = Readonly<Partial<Record<Format, () => string | Promise<Blob>>>>;

interface SaveMenuProps {
  readonly title: string;
  readonly words: { readonly save: string; saveOf(title: string): string };
  readonly files: Files;
}

/** A button that offers a figure as a file. */
export function SaveMenu({ title, words, files }: SaveMenuProps) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const save = async (format: Format) => {
    menu.current!.hidePopover();
    const made = await files[format]!();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(typeof made === 'string' ? new Blob([made], { type: mediaTypes[format] }) : made);
    link.download = `${title.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <span className="gs-save">
      <button type="button" className="gs-quiet" popoverTarget={id} aria-label={words.saveOf(title)}>{words.save}</button>
      <div id={id} popover="auto" ref={menu} className="gs-menu">
        {(Object.keys(files) as Format[]).map((format) => <button key={format} type="button" className="gs-quiet" onClick={() => void save(format)}>{format.toUpperCase()}</button>)}
      </div>
    </span>
  );
}
