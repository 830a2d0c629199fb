import type { CatalogAnswer } from '../../../schemas/catalog.js';
import { request } from './client.js';

/** The effective definitions, as the user may see them, in one language. */
export async function getCatalog(locale: string): Promise<CatalogAnswer> {
  const answer = await request<CatalogAnswer | { data: CatalogAnswer }>('/api/catalog', { query: { locale } });
  return 'data' in answer ? answer.data : answer;
}
