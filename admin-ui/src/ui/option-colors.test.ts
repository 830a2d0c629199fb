import { colorOfText, initialsOf, optionColors } from './option-colors.js';

describe('initialsOf', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['Anna Maria van Dyck', 'AD'],
    ['王小明', '王'],
    ['Strategic accounts (EMEA)', 'SE'],
    ['Smith & Sons -', 'SS'],
    ['', '?'],
  ])('%s → %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('colorOfText', () => {
  it('is steady and in the palette', () => {
    expect(colorOfText('Acme')).toBe(colorOfText('Acme'));
    for (const text of ['', 'a', '公司', 'long text']) expect(optionColors).toContain(colorOfText(text));
  });
});
