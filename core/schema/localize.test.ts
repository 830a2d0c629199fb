import { localizeDocument } from './localize.js';

const document = {
  title: 'Company',
  properties: {
    industry: {
      'x-field': {
        options: [
          { value: 'finance', title: 'Finance' },
          { value: 'other', title: 'Other' },
        ],
      },
    },
  },
  sections: [{ id: 'who', title: 'Who', fields: [{ field: 'name' }] }],
  columns: 2,
};

describe('localizeDocument', () => {
  it('replaces texts by pointer, elements by their name, and leaves the document alone', () => {
    const localized = localizeDocument(document, {
      '/title': '公司',
      '/properties/industry/x-field/options/finance/title': '金融',
      '/sections/who/title': '谁',
    });
    expect(localized).toMatchObject({
      title: '公司',
      properties: {
        industry: {
          'x-field': {
            options: [
              { value: 'finance', title: '金融' },
              { value: 'other', title: 'Other' },
            ],
          },
        },
      },
      sections: [{ id: 'who', title: '谁' }],
    });
    expect(document.title).toBe('Company');
  });

  it('gives a title where the key served as one, and never adds or changes anything but texts', () => {
    expect(localizeDocument(document, { '/properties/industry/title': '行业' })).toMatchObject({
      properties: { industry: { title: '行业' } },
    });
    expect(
      localizeDocument(document, {
        '/nothing/here': 'x',
        '/columns': 'x',
        '/properties/industry/x-field/kind': 'x',
        '/sections/9/title': 'x',
      }),
    ).toEqual(document);
    expect(localizeDocument(document, { '/__proto__/polluted': 'x', '/constructor/prototype/x': 'x' })).toEqual(
      document,
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
