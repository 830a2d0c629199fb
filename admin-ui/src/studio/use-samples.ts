import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { LinkValue } from '../api/index.js';

/** The record of each entity on which expressions are tried: chosen once, for all editors of a visit. */
export const useSamples = defineStore('studio-samples', () => ({ chosen: ref<Record<string, LinkValue | null>>({}) }));
