/**
 * Uploaded files: contents on disk by their hash, described by records of core.attachment. Owns trellis.blob and the
 * folder `files` of the data directory. Never decides by itself who may read a file: the attachment's and the owning
 * record's access does.
 * Invariant: contents are on disk (fsync) before the attachment commits, and are removed only when no attachment refers to them.
 */
export { createBlobStore, type BlobStore, type ReceivedBlob } from './blob-store.js';
export { collectBlobsJob } from './collect-blobs.js';
export { createFiles, type FilesDeps } from './create-files.js';
export { FilesModule } from './files.module.js';
export { FILES, maxFileBytes, type Files, type StoredFile, type UploadInput } from './types.js';
