/** Records on a map by an address or a position. The base map is drawn from shipped outlines: nothing is asked of other servers. */
export { default as MapView } from './MapView.vue';
