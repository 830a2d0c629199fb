import { marksOf, pointOf } from './map-model.js';

test('an address without a position is no point', () => {
  expect(pointOf({ id: '1', place: { city: 'Berlin' } }, 'place', 'A')).toBeNull();
  expect(pointOf({ id: '1', place: null }, 'place', 'A')).toBeNull();
  expect(pointOf({ id: '1', place: { latitude: 0, longitude: -5 } }, 'place', 'A')).toEqual({
    id: '1',
    title: 'A',
    latitude: 0,
    longitude: -5,
  });
});

test('what is near on the screen becomes one mark in its middle', () => {
  const point = (id: string) => ({ id, title: id, latitude: 0, longitude: 0 });
  const marks = marksOf(
    [
      { point: point('a'), x: 10, y: 10 },
      { point: point('b'), x: 20, y: 14 },
      { point: point('c'), x: 300, y: 10 },
    ],
    32,
  );
  expect(marks.map(({ x, y, points }) => [x, y, points.length])).toEqual([
    [15, 12, 2],
    [300, 10, 1],
  ]);
});
