import { safeFileName, safeMediaType } from './file-name.js';

test.each([
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\temp\\a.txt', 'a.txt'],
  ['invoice\u202Egnp.exe', 'invoicegnp.exe'],
  ['a\u0000b\r\nc.txt', 'abc.txt'],
  ['..', 'file'],
  ['', 'file'],
  ['合同 (最终).docx', '合同 (最终).docx'],
  ['<script>.html', '_script_.html'],
])('%j is saved as %j', (given, expected) => {
  expect(safeFileName(given)).toBe(expected);
});

test('a long name keeps its extension and whole characters', () => {
  const name = safeFileName(`${'合'.repeat(300)}.pdf`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^合+\.pdf$/);
});

test('a media type is bare or unknown', () => {
  expect(safeMediaType('Text/HTML; charset=utf-8')).toBe('text/html');
  expect(safeMediaType('text/html\r\nX: y')).toBe('application/octet-stream');
  expect(safeMediaType(undefined)).toBe('application/octet-stream');
});
