/** One line of the command palette. */
export interface PaletteItem {
  id: string;
  group: string;
  title: string;
  hint?: string;
  icon: string;
  run: () => void;
}

/** Items whose words all begin with or contain what was typed; beginnings of words first, else in the given order. */
export function rankItems(items: readonly PaletteItem[], typed: string): PaletteItem[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  const scored = items.flatMap((item, index) => {
    const score = scoreOf(`${item.title} ${item.hint ?? ''}`.toLowerCase(), words);
    return score === null ? [] : [{ item, score, index }];
  });
  return scored.sort((a, b) => a.score - b.score || a.index - b.index).map(({ item }) => item);
}

/** Items by group, in the order in which groups first appear. */
export function groupItems(items: readonly PaletteItem[]): { title: string; items: PaletteItem[] }[] {
  const groups = new Map<string, PaletteItem[]>();
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
  return [...groups].map(([title, members]) => ({ title, items: members }));
}

function scoreOf(text: string, words: readonly string[]): number | null {
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return null;
    score += at === 0 ? 0 : text[at - 1] === ' ' ? 1 : 2;
  }
  return score;
}
