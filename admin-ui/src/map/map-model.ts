import type { RecordData } from '../api/index.js';

/** A record with a place on the earth, in degrees. */
export interface MapPoint {
  id: string;
  title: string;
  longitude: number;
  latitude: number;
}

/** Records that stand so close on the screen that one mark shows them. */
export interface MapMark {
  x: number;
  y: number;
  points: MapPoint[];
}

/** The place of a record, or null where its position is not known. */
export function pointOf(record: RecordData, field: string, title: string): MapPoint | null {
  const value = record[field];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { latitude, longitude } = value;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null;
  return { id: String(record.id), title, longitude, latitude };
}

/** Marks for points on the screen: what falls into one square of `size` pixels becomes one mark at its middle. */
export function marksOf(points: readonly { point: MapPoint; x: number; y: number }[], size: number): MapMark[] {
  const cells = new Map<string, { x: number; y: number; points: MapPoint[] }>();
  for (const { point, x, y } of points) {
    const key = `${Math.floor(x / size)} ${Math.floor(y / size)}`;
    const cell = cells.get(key) ?? { x: 0, y: 0, points: [] };
    cells.set(key, { x: cell.x + x, y: cell.y + y, points: [...cell.points, point] });
  }
  return [...cells.values()].map(({ x, y, points: held }) => ({
    x: x / held.length,
    y: y / held.length,
    points: held,
  }));
}

/** A bounding feature of points for fitting the projection; null where there is none. */
export function boundsOf(points: readonly MapPoint[]): { type: 'MultiPoint'; coordinates: [number, number][] } | null {
  if (points.length === 0) return null;
  return { type: 'MultiPoint', coordinates: points.map((point) => [point.longitude, point.latitude]) };
}
