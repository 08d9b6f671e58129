/** What those who may write can take of a server. */
export interface UploadLimits {
  /** Of one content. */
  readonly maxBytes: number;
  /** Of all that has been uploaded and is there. */
  readonly totalBytes: number;
  /** At once. */
  readonly uploads: number;
  readonly uploadsPerToken: number;
  /** A writer must send `progressBytes` in each such time. */
  readonly progressMilliseconds: number;
  readonly progressBytes: number;
}

export const defaultUploadLimits: UploadLimits = {
  maxBytes: 2 ** 30,
  totalBytes: 100 * 2 ** 30,
  uploads: 8,
  uploadsPerToken: 4,
  progressMilliseconds: 10_000,
  progressBytes: 2 ** 16,
};
