import { upload } from './client.js';

export interface FileAnswer {
  id: string;
  title?: string;
  size?: number;
  mediaType?: string;
}

/** Stores a file; link it from a record to make it readable for others. `onProgress` hears the share sent, 0 to 1. */
export async function uploadFile(
  file: File,
  options: { record?: { entity: string; id: string }; signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<FileAnswer> {
  const body = new FormData();
  if (options.record) for (const [part, value] of Object.entries(options.record)) body.set(part, value);
  body.set('file', file, file.name);
  return (await upload<{ data: FileAnswer }>('/api/files', body, options)).data;
}

export function fileUrl(id: string): string {
  return `/api/files/${encodeURIComponent(id)}`;
}
