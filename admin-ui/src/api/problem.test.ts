import { problemOf } from './problem.js';

describe('problemOf', () => {
  it('reads code, detail, hint and issues', () => {
    const issues = [{ path: 'name', code: 'field.required', message: 'Name is missing.' }];
    const problem = problemOf(422, { code: 'record.invalid', detail: 'One field is wrong.', hint: 'Mend it.', issues });
    expect(problem).toMatchObject({
      status: 422,
      code: 'record.invalid',
      detail: 'One field is wrong.',
      hint: 'Mend it.',
      issues,
    });
  });

  it('survives an answer that is no problem document', () => {
    expect(problemOf(502, '<html>')).toMatchObject({ status: 502, code: 'http.502', issues: [] });
    expect(problemOf(400, { issues: [null, 'x', {}] }).issues).toEqual([]);
  });
});
