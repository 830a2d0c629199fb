import { readEvent } from './events.js';

describe('readEvent', () => {
  it('takes the topic from the body before the name of the event', () => {
    expect(readEvent('', '{"topic":"record.changed","payload":{"id":"1"}}')).toEqual({
      topic: 'record.changed',
      payload: { id: '1' },
    });
  });

  it('takes the whole body as payload where the name tells the topic', () => {
    expect(readEvent('import.progress', '{"done":3}')).toEqual({ topic: 'import.progress', payload: { done: 3 } });
  });

  it('ignores what it cannot read', () => {
    expect(readEvent('', '{}')).toBeNull();
    expect(readEvent('x', 'no json')).toBeNull();
  });
});
