export { accessFigures } from './figures.js';
