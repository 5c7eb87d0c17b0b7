import { useEffect } from 'react';

/** Where focus may go by itself: nothing that takes letters, for they may be keys of the page. */
const reachable = 'a[href], button:not(:disabled), input:is([type=checkbox], [type=range]):not(:disabled), [tabindex="0"]';

/**
 * Keeps the focus near the place where it was when the element that has it vanishes or is disabled: at what comes next there, else at
 * what stood before, within the nearest part of the page that is left; on `main` when a whole page has gone.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let way: readonly Element[] = [];
    const onFocus = ({ target }: FocusEvent) => { way = target instanceof Element ? ancestorsOf(target) : []; };
    // Chromium blurs an element before it is taken away: only afterwards one can tell whether somebody left it.
    const onBlur = ({ target }: FocusEvent) => void setTimeout(() => { if (target === way[0] && isThere(way[0]) && target !== document.activeElement) way = []; });
    const observer = new MutationObserver((records) => {
      if (way.length === 0 || isThere(way[0]) || (document.activeElement !== document.body && document.activeElement !== way[0])) return;
      const left = way.find((element, i) => i > 0 && element.isConnected);
      const before = way[0].isConnected ? way[0] : records.find(({ target, removedNodes }) => target === left && [...removedNodes].some((node) => way.includes(node as Element)))?.previousSibling;
      way = [];
      if (!left) return;
      const near = left.matches('main, body') ? [] : [...left.querySelectorAll<HTMLElement>(reachable)].filter((element) => element.checkVisibility());
      const next = near.find((element) => !before || (before.compareDocumentPosition(element) & following) !== 0) ?? near.at(-1);
      (next ?? document.querySelector('main'))?.focus({ preventScroll: true });
    });
    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', onBlur);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] });
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', onBlur);
    };
  }, []);
}

/** Following, and not within it. */
const { DOCUMENT_POSITION_FOLLOWING: following } = Node;

const isThere = (element: Element): boolean => element.isConnected && !element.matches(':disabled');

function ancestorsOf(element: Element): readonly Element[] {
  const out: Element[] = [];
  for (let at: Element | null = element; at; at = at.parentElement) out.push(at);
  return out;
}
