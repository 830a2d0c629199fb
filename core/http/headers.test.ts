import { attachment } from './content-disposition.js';
import { etagOf, versionOf } from './etag.js';
import { securityHeaders } from './security-headers.js';

test('a version goes out as an ETag and comes back', () => {
  expect(versionOf(etagOf(12))).toBe(12);
  expect(versionOf('W/"3"')).toBe(3);
  expect(versionOf('*')).toBeUndefined();
  expect(versionOf(undefined)).toBeUndefined();
  for (const header of ['3', '"x"', '"1", "2"', '', '"-1"']) expect(() => versionOf(header)).toThrow();
});

test.each([
  ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ['Bericht "ä".pdf', `attachment; filename="Bericht _a_.pdf"; filename*=UTF-8''Bericht%20%22%C3%A4%22.pdf`],
  ["合同'1'.docx", `attachment; filename="__'1'.docx"; filename*=UTF-8''%E5%90%88%E5%90%8C%271%27.docx`],
  ['a\r\nset-cookie: x', `attachment; filename="a__set-cookie: x"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20x`],
])('%j is sent as an attachment', (name, expected) => {
  expect(attachment(name)).toBe(expected);
});

test('no page may run or load anything inline or from elsewhere', () => {
  const headers = securityHeaders(true);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
  expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  expect(securityHeaders(false)['strict-transport-security']).toBeUndefined();
});
