import { geoMercator, geoPath } from 'd3-geo';
import type { FeatureCollection } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import type { Ref } from 'vue';
import { computed, onBeforeUnmount, onMounted, ref, watch } from 'vue';
import world from 'world-atlas/countries-110m.json';
import { boundsOf, marksOf } from './map-model.js';
import type { MapPoint } from './map-model.js';

const topology = world as unknown as Topology;
const land = feature(topology, topology.objects.countries as GeometryCollection) as FeatureCollection;

/** Outlines of the land and the marks of points, fitted to the size of `box` and zoomed. */
export function useMap(points: Ref<readonly MapPoint[]>, box: Readonly<Ref<HTMLElement | null>>) {
  const size = ref({ width: 960, height: 560 });
  const zoom = ref(1);
  let watcher: ResizeObserver | undefined;
  onMounted(() => {
    watcher = new ResizeObserver(([entry]) => {
      if (entry)
        size.value = { width: Math.max(320, entry.contentRect.width), height: Math.max(280, entry.contentRect.height) };
    });
    watch(box, observe, { immediate: true, flush: 'post' });
  });
  /** The box comes anew after an empty answer. */
  function observe(element: HTMLElement | null): void {
    watcher?.disconnect();
    if (element) watcher?.observe(element);
  }
  onBeforeUnmount(() => watcher?.disconnect());

  const projection = computed(() => {
    const { width, height } = size.value;
    const bounds = boundsOf(points.value);
    const pad = 48;
    const made = geoMercator();
    // Records of one place have no extent to be fitted.
    const places = new Set(points.value.map(({ longitude, latitude }) => `${longitude} ${latitude}`));
    if (bounds && places.size > 1)
      made.fitExtent(
        [
          [pad, pad],
          [width - pad, height - pad],
        ],
        bounds,
      );
    else made.fitSize([width, height], { type: 'Sphere' });
    // One town fills no screen: nearer than this the outlines say nothing.
    const scale = Math.min(made.scale(), 3_000);
    const middle = made.invert?.([width / 2, height / 2]) ?? [0, 0];
    return made
      .center(middle)
      .translate([width / 2, height / 2])
      .scale(scale * zoom.value);
  });
  const outlines = computed(() => geoPath(projection.value)(land) ?? '');
  const marks = computed(() =>
    marksOf(
      points.value.flatMap((point) => {
        const place = projection.value([point.longitude, point.latitude]);
        return place ? [{ point, x: place[0], y: place[1] }] : [];
      }),
      40,
    ),
  );

  return { size, zoom, outlines, marks };
}
